using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Checkers;
using HealthTrack.Probe.Link;
using HealthTrack.Probe.Scheduling;
using HealthTrack.Probe.Tests.Scheduling;
using HealthTrack.Probe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace HealthTrack.Probe.Tests.Link;

/// <summary>The worker as a host runs it, with a control plane that the test plays and a checker that ends when the test says.</summary>
public sealed class ProbeWorkerTests : IAsyncDisposable
{
    private readonly FakeLink link = new();
    private readonly StubChecker checker = new();
    private readonly IHost host;
    private readonly Assignment often = SchedulerHarness.Assignment("often", 1);
    private readonly Assignment rare = SchedulerHarness.Assignment("rare", 86_400);

    public ProbeWorkerTests() => host = Build();

    private IHost Build(Action<ProbeOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<IProbeLink>(link);
        builder.Services.AddSingleton<IChecker>(checker);
        builder.Services.AddProbe(options =>
        {
            options.WorkerId = "worker-9";
            options.Pool = "east";
            configure?.Invoke(options);
        });
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        checker.Gate?.TrySetResult();
        // So that the worker does not wait for it.
        link.Acknowledges = true;
        if (!link.Connections.IsEmpty)
            link.Current.Say(new ResultsAcknowledged(long.MaxValue));
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private void Run(long due) => link.Current.Say(new RunNow(rare.Id, due));

    private async Task StartAsync(params Assignment[] assignments)
    {
        link.Greeting = new AssignmentsChanged(1, true, assignments, []);
        await host.StartAsync(Token);
        await link.ConnectedAsync(1);
    }

    [Fact]
    public async Task Worker_Scheduled_ResultsArriveInNumberedBatches()
    {
        await StartAsync(often);
        await Checks.UntilAsync(() => link.Results.Count() >= 2, "two scheduled results");
        Assert.Equal(("worker-9", "east", "0.1.0"), (link.Hellos.First().WorkerId, link.Hellos.First().Pool, link.Hellos.First().Version));
        Assert.All(link.Results, r => Assert.Equal((CheckKind.Scheduled, "worker-9", SchedulerHarness.Phase(often)), (r.Kind, r.Worker, r.DueTime % 1000)));
        Assert.Equal(Enumerable.Range(1, link.Current.Batches.Count).Select(i => (long)i), link.Current.Batches.Select(b => b.Sequence));
    }

    [Fact]
    public async Task Worker_RunNow_ManualResult()
    {
        await StartAsync(rare);
        Run(777);
        link.Current.Say(new RunNow(new AssignmentId("nobody", "x"), 1));
        await Checks.UntilAsync(() => link.Results.Any(), "a result");
        Assert.Equal((CheckKind.Manual, 777L), (link.Results.Single().Kind, link.Results.Single().DueTime));
    }

    [Fact]
    public async Task Worker_LineCutBeforeAcknowledgement_ResendsSameBatchAndGoesOnChecking()
    {
        link.Acknowledges = false;
        await StartAsync(rare, often);
        Run(1);
        await Checks.UntilAsync(() => link.Current.Batches.Any(b => b.Results.Any(r => r.DueTime == 1)), "the first batch");
        var first = link.Current;
        var sent = first.Batches.ToArray();
        link.Away = true;
        first.Break();
        await Checks.UntilAsync(() => link.Refusals >= 2, "two refused attempts");
        Assert.True(first.Disposed);
        var during = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var outbox = host.Services.GetRequiredService<ResultOutbox>();
        var waiting = outbox.Count;
        await Checks.UntilAsync(() => outbox.Count >= waiting + 2, "results made while the line is cut");
        link.Acknowledges = true;
        link.Away = false;
        await link.ConnectedAsync(2);
        await Checks.UntilAsync(() => link.Results.Any(r => r.Uid == "often" && r.DueTime > during), "a result made while the line was cut");
        var again = link.Current.Batches.Take(sent.Length).ToArray();
        Assert.Equal(sent.Select(b => b.Sequence), again.Select(b => b.Sequence));
        Assert.Equal(sent.SelectMany(b => b.Results), again.SelectMany(b => b.Results));
    }

    [Fact]
    public async Task Worker_ControlPlaneHangsUp_ConnectsAgainAndResyncs()
    {
        await StartAsync(rare);
        link.Current.HangUp();
        await link.ConnectedAsync(2);
        Run(5);
        await Checks.UntilAsync(() => link.Results.Any(r => r.DueTime == 5), "a result over the second connection");
    }

    [Fact]
    public async Task Worker_DeltaOfOldRevision_IsLeftOut()
    {
        await StartAsync(rare);
        link.Current.Say(new AssignmentsChanged(0, false, [], [rare.Id]));
        link.Current.Say(new AssignmentsChanged(2, false, [often], []));
        Run(5);
        await Checks.UntilAsync(() => link.Results.Any(r => r.DueTime == 5), "a result of the one that stayed");
        await Checks.UntilAsync(() => link.Results.Any(r => r.Uid == "often"), "a result of the new one");
    }

    [Fact]
    public async Task Worker_Heartbeats_TellWhatItHolds()
    {
        link.Acknowledges = false;
        await StartAsync(rare);
        Run(5);
        await Checks.UntilAsync(() => link.Current.Heartbeats.Any(h => h is { Assigned: 1, Unacknowledged: 1, InFlight: 0, Missed: 0, Dropped: 0 }), "a heartbeat");
    }

    [Fact]
    public async Task Meter_WhileChecking_CountsForHosts()
    {
        var measured = new System.Collections.Concurrent.ConcurrentDictionary<string, double>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        var factory = host.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "HealthTrack.Probe" && instrument.Meter.Scope == factory)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.Start();
        await StartAsync(often);
        await Checks.UntilAsync(() => link.Results.Any(), "a scheduled result");
        listener.RecordObservableInstruments();
        Assert.True(measured["healthtrack.probe.checks"] >= 1);
        Assert.True(measured["healthtrack.probe.lag"] >= 0);
        Assert.Equal(1, measured["healthtrack.probe.assigned"]);
        Assert.Contains("healthtrack.probe.in_flight", measured.Keys);
        Assert.Contains("healthtrack.probe.unacknowledged", measured.Keys);
    }

    [Fact]
    public async Task Worker_Assignments_AreAnsweredWhenTheyAreInForce()
    {
        await StartAsync(rare);
        link.Current.Say(new AssignmentsChanged(2, false, [often], []));
        await Checks.UntilAsync(() => link.Current.Applied.Count == 2, "two answers");
        Assert.Equal([1L, 2L], link.Current.Applied.Select(a => a.Revision));
        Assert.Equal(2, host.Services.GetRequiredService<CheckScheduler>().Assigned);
    }

    [Fact]
    public async Task Start_BadOptions_StopsWithSentences()
    {
        using var bad = Build(options =>
        {
            options.MaxInFlight = 0;
            options.MaxUnacknowledged = 1;
            options.Pool = " ";
            options.DenyCidrs.Add("10.0.0.0/99");
            options.AllowCidrs.Add("everything");
        });
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => bad.StartAsync(Token));
        Assert.Equal(5, e.Failures.Count());
        Assert.Contains("AllowCidrs[0] is 'everything'; it must be a range such as 10.0.0.0/8.", e.Failures);
    }
}
