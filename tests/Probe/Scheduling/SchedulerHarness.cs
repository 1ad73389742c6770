using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Checkers;
using HealthTrack.Probe.Scheduling;
using HealthTrack.Probe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Probe.Tests.Scheduling;

/// <summary>A scheduler on a fake clock, ticked by hand, whose checks end at once unless the test holds them.</summary>
internal sealed class SchedulerHarness : IDisposable
{
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ProbeMetrics metrics;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> held = new();

    public SchedulerHarness(int maxInFlight = 20_000)
    {
        metrics = new ProbeMetrics(services.GetRequiredService<IMeterFactory>());
        Time.AutoAdvanceAmount = TimeSpan.Zero;
        Scheduler = new CheckScheduler(RunAsync, Released.Enqueue, Results.Enqueue, "worker-1", maxInFlight, Time, metrics, NullLogger<CheckScheduler>.Instance);
    }

    public FakeTimeProvider Time { get; } = new(Epoch);
    public CheckScheduler Scheduler { get; }
    public ConcurrentQueue<CheckResult> Results { get; } = new();
    public ConcurrentQueue<Assignment> Released { get; } = new();
    public Func<Assignment, Exception?> Throws { get; set; } = _ => null;

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public IEnumerable<CheckResult> Of(string uid) => Results.Where(r => r.Uid == uid);

    public static Assignment Assignment(string uid, int seconds = 10, long generation = 1, bool soon = false) => new()
    {
        Uid = uid,
        Key = new MonitorKey("default", uid),
        Generation = generation,
        Location = "default",
        Interval = TimeSpan.FromSeconds(seconds),
        Timeout = TimeSpan.FromSeconds(seconds * 0.8),
        Check = new HttpCheck { Url = new Uri("http://127.0.0.1/") },
        CheckSoon = soon,
    };

    public static long Phase(Assignment a) => DueTimes.Phase(a.Uid, a.Location, (long)a.Interval.TotalMilliseconds);

    public void Upsert(params Assignment[] assignments) => Scheduler.Apply(new AssignmentsChanged(1, false, assignments, []));

    /// <summary>Checks of this monitor do not end until released.</summary>
    public void Hold(string uid) => held[uid] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release(string uid)
    {
        if (held.TryRemove(uid, out var gate))
            gate.SetResult();
    }

    public async Task TickAsync(int running = 0)
    {
        Scheduler.Tick();
        await SettleAsync(running);
    }

    /// <summary>Waits until all but the held checks have ended.</summary>
    public Task SettleAsync(int running = 0) => Checks.UntilAsync(() => Scheduler.InFlight == running, $"{running} checks in flight");

    /// <summary>Lets time pass in ticks.</summary>
    public async Task PassAsync(TimeSpan span, int stepMs = 100, int running = 0)
    {
        for (var until = Time.GetUtcNow() + span; Time.GetUtcNow() < until;)
        {
            Time.Advance(TimeSpan.FromMilliseconds(stepMs));
            await TickAsync(running);
        }
    }

    private async ValueTask<CheckResult> RunAsync(Assignment assignment, CheckMoment moment, CancellationToken cancellationToken)
    {
        if (Throws(assignment) is { } exception)
            throw exception;
        if (held.TryGetValue(assignment.Uid, out var gate) && moment.Kind != CheckKind.Manual)
            await gate.Task.WaitAsync(cancellationToken);
        return new CheckResult
        {
            Uid = assignment.Uid,
            Location = assignment.Location,
            Worker = moment.Worker,
            Generation = assignment.Generation,
            DueTime = moment.DueTime,
            StartedAt = moment.StartedAt,
            Kind = moment.Kind,
            Outcome = Outcome.Ok,
            LatencyMicros = 1,
            CountsInLatency = true,
        };
    }

    public void Dispose()
    {
        Scheduler.Dispose();
        metrics.Dispose();
        services.Dispose();
    }
}
