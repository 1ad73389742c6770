using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Sre;

/// <summary>All windows of one monitor: the metrics window and 24 h of uptime. Not thread-safe: its owner locks.</summary>
public sealed class MonitorWindows
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly SampleWindow _samples;
    private readonly CountWindow _uptime;
    private long? _firstDue;

    /// <summary>Empty windows.</summary>
    /// <param name="window">Length of the metrics window.</param>
    /// <param name="apdexThreshold">The Apdex threshold T.</param>
    public MonitorWindows(TimeSpan window, TimeSpan apdexThreshold)
        : this(new SampleWindow(window, apdexThreshold), new CountWindow(Day))
    {
    }

    private MonitorWindows(SampleWindow samples, CountWindow uptime)
    {
        _samples = samples;
        _uptime = uptime;
    }

    /// <summary>An empty metrics window of another length beside the same uptime.</summary>
    public MonitorWindows Resized(TimeSpan window, TimeSpan apdexThreshold) =>
        new(new SampleWindow(window, apdexThreshold), _uptime) { _firstDue = _firstDue };

    /// <summary>Whether a result that was due at <paramref name="dueTime"/> is in the metrics window.</summary>
    public bool Holds(long dueTime) => _samples.Holds(dueTime);

    /// <summary>Makes room for as many samples at once: for a rebuild.</summary>
    public void Reserve(int samples) => _samples.Reserve(samples);

    /// <summary>Records one result. Manual ones count in no ratio and are left out.</summary>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="dueTime">When the check was due, ms since the Unix epoch.</param>
    /// <param name="latencyMicros">Its latency, µs.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="kind">Why it was made.</param>
    /// <param name="countsInLatency">Whether its latency says something of the target's speed.</param>
    public void Record(long now, long dueTime, long latencyMicros, Outcome outcome, CheckKind kind, bool countsInLatency)
    {
        if (kind == CheckKind.Manual)
            return;
        RecordSample(now, dueTime, latencyMicros, outcome, kind, countsInLatency);
        var good = outcome == Outcome.Ok ? 1 : 0;
        _uptime.Add(now, dueTime, good, 1 - good);
    }

    /// <summary>Records one result in the metrics window alone: for a rebuild that takes the uptime from counted bins.</summary>
    /// <inheritdoc cref="Record"/>
    public void RecordSample(long now, long dueTime, long latencyMicros, Outcome outcome, CheckKind kind, bool countsInLatency)
    {
        if (kind == CheckKind.Manual)
            return;
        BeginAt(dueTime);
        _samples.Add(now, dueTime, latencyMicros, outcome == Outcome.Ok, countsInLatency);
    }

    /// <summary>Records counted results in the uptime alone: see <see cref="RecordSample"/>.</summary>
    public void RecordUptime(long now, long dueTime, int good, int bad) => _uptime.Add(now, dueTime, good, bad);

    /// <summary>Says that a check was due at <paramref name="firstDue"/>: rates count from the earliest.</summary>
    public void BeginAt(long firstDue)
    {
        if (_firstDue is null || firstDue < _firstDue)
            _firstDue = firstDue;
    }

    /// <summary>Counts the samples anew under another Apdex threshold.</summary>
    public void SetApdexThreshold(TimeSpan threshold) => _samples.SetApdexThreshold(threshold);

    /// <summary>The numbers of the metrics window that ends at <paramref name="now"/>.</summary>
    public WindowSummary Summarize(long now) => _samples.Summarize(now, _firstDue);

    /// <summary>Good checks of the 24 h that end at <paramref name="now"/>, percent; null without any.</summary>
    public double? UptimePercent(long now) => _uptime.GoodPercent(now);
}
