using Prometheus;

namespace HealthTrack.Engine.Results;

/// <summary>The pipeline's own metrics.</summary>
internal sealed class PipelineMetrics
{
    private readonly Counter _stored;
    private readonly Counter _duplicates;
    private readonly Counter _refused;
    private readonly Counter _faults;
    private readonly Counter _turnsDropped;
    private readonly Gauge _held;
    private readonly Gauge _storeUp;

    public PipelineMetrics(CollectorRegistry registry)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        _stored = factory.CreateCounter("healthtrack_results_stored_total", "Results written to the store.");
        _duplicates = factory.CreateCounter("healthtrack_results_duplicate_total", "Results that the store had already.");
        _refused = factory.CreateCounter("healthtrack_results_refused_total", "Results that were acknowledged and refused.", "reason");
        _faults = factory.CreateCounter("healthtrack_results_faulty_total", "Results that could not be stored or folded because of a defect.");
        _turnsDropped = factory.CreateCounter("healthtrack_health_changes_dropped_total", "Turns of health let go while the store was away, because too many of one monitor waited.");
        _held = factory.CreateGauge("healthtrack_results_held", "Results that wait for the store.");
        _storeUp = factory.CreateGauge("healthtrack_store_up", "1 while the store answers.");
        _storeUp.Set(1);
        // From the start on: a series that is born with its first refusals has no increase.
        foreach (var reason in Admission.Reasons)
            _ = _refused.WithLabels(reason);
    }

    /// <summary>Whether the store answered the last time.</summary>
    public bool StoreUp => _storeUp.Value > 0;

    public void Stored(int count) => _stored.Inc(count);

    public void Duplicate() => _duplicates.Inc();

    public void Refused(string reason) => _refused.WithLabels(reason).Inc();

    public void Faulty() => _faults.Inc();

    public void TurnsDropped(int count) => _turnsDropped.Inc(count);

    public void Held(int count) => _held.Set(count);

    /// <summary>Says whether the store answered; returns whether that is a change.</summary>
    public bool StoreAnswered(bool answered)
    {
        var changed = StoreUp != answered;
        _storeUp.Set(answered ? 1 : 0);
        return changed;
    }
}
