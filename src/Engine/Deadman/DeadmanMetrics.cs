using Prometheus;

namespace HealthTrack.Engine.Deadman;

/// <summary>What the calls of the dead man's switch count; absent where there is none.</summary>
internal sealed class DeadmanMetrics
{
    private readonly Counter.Child _arrived;
    private readonly Counter.Child _failed;
    private string? _problem;

    public DeadmanMetrics(CollectorRegistry registry)
    {
        var calls = Prometheus.Metrics.WithCustomRegistry(registry).CreateCounter("healthtrack_deadman_calls_total", "Calls of the dead man's switch, by what came of them.", "result");
        (_arrived, _failed) = (calls.WithLabels("ok"), calls.WithLabels("failed"));
    }

    /// <summary>Why the switch was not reached, or not called, the last time, a sentence without its URL; null where it was.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>It was called.</summary>
    /// <param name="problem">What went wrong; null: it took the call.</param>
    /// <returns>Whether that is another outcome than the last time.</returns>
    public bool Called(string? problem)
    {
        (problem is null ? _arrived : _failed).Inc();
        return Interlocked.Exchange(ref _problem, problem) != problem;
    }

    /// <summary>A call was due, and not made on purpose; returns whether that is another outcome than the last time.</summary>
    public bool Withheld(string problem) => Interlocked.Exchange(ref _problem, problem) != problem;
}
