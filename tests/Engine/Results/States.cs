using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Results;

/// <summary>Monitors and results for tests that need no host.</summary>
internal static class States
{
    public static Monitor Monitor(string name, int failures = 1, int successes = 1, long generation = 1, params SecretRef[] secrets) => new()
    {
        Uid = $"uid-{name}",
        Key = new MonitorKey("default", name),
        Generation = generation,
        DisplayName = name,
        Spec = new MonitorSpec
        {
            Interval = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromSeconds(2),
            Window = TimeSpan.FromHours(1),
            FailureThreshold = failures,
            SuccessThreshold = successes,
            Check = new AnyCheck { Needs = secrets },
        },
    };

    public static MonitorState State(long id, Monitor monitor, long now, long countsFrom = 0, BlindTimes? blind = null) => new(
        Row(id, monitor, countsFrom), Declaration(monitor), monitor, now, blind);

    public static StoredMonitor Row(long id, Monitor monitor, long countsFrom = 0, long fromGeneration = 0, HealthMark? health = null) => new()
    {
        Id = id,
        Key = monitor.Key,
        Uid = monitor.Uid,
        Generation = monitor.Generation,
        Manifest = "{}",
        CountsFrom = countsFrom,
        CountsFromGeneration = fromGeneration,
        DeletedAt = null,
        Health = health,
    };

    public static MonitorDeclaration Declaration(Monitor monitor) => new() { Key = monitor.Key, Uid = monitor.Uid, Monitor = monitor, Origin = "test" };

    public static CheckResult Result(Monitor monitor, long dueTime, Outcome outcome = Outcome.Ok, CheckKind kind = CheckKind.Scheduled) => new()
    {
        Uid = monitor.Uid,
        Location = "default",
        Generation = monitor.Generation,
        DueTime = dueTime,
        StartedAt = dueTime,
        Kind = kind,
        Outcome = outcome,
        LatencyMicros = 1000,
        CountsInLatency = outcome == Outcome.Ok,
    };

    private sealed record AnyCheck : CheckSpec
    {
        public IReadOnlyList<SecretRef> Needs { get; init; } = [];

        public override string Kind => "http";

        public override string Target => "http://127.0.0.1/";

        public override IEnumerable<SecretRef> Secrets => Needs;
    }
}
