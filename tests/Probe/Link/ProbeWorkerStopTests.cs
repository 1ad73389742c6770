using HealthTrack.Core.Assignments;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Checkers;
using HealthTrack.Probe.Link;
using HealthTrack.Probe.Scheduling;
using HealthTrack.Probe.Tests.Scheduling;
using HealthTrack.Probe.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace HealthTrack.Probe.Tests.Link;

/// <summary>How the worker stops: hands over, ends its checks, sees its results acknowledged or in the spool.</summary>
public sealed class ProbeWorkerStopTests : IAsyncDisposable
{
    private readonly FakeLink link = new();
    private readonly StubChecker checker = new();
    private readonly IHost host;
    private readonly Assignment often = SchedulerHarness.Assignment("often", 1);
    private readonly Assignment rare = SchedulerHarness.Assignment("rare", 86_400);

    public ProbeWorkerStopTests() => host = Build();

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
    public async Task Stop_CheckInFlight_EndsIsSentAndAcknowledgedBeforeTheLinkCloses()
    {
        checker.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await StartAsync(rare);
        Run(5);
        await Checks.UntilAsync(() => host.Services.GetRequiredService<CheckScheduler>().InFlight == 1, "a running check");
        var stopping = host.StopAsync(Token);
        Assert.False(stopping.IsCompleted);
        Assert.False(link.Current.Disposed);
        checker.Gate.SetResult();
        await stopping.WaitAsync(Checks.Patience, Token);
        Assert.Equal([5L], link.Results.Select(r => r.DueTime));
        Assert.True(link.Current.Disposed);
    }

    [Fact]
    public async Task Stop_NothingEndsAndNobodyAcknowledges_GivesUpAtItsLimits()
    {
        link.Acknowledges = false;
        using var impatient = Build(options => (options.DrainTimeout, options.FlushTimeout) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)));
        link.Greeting = new AssignmentsChanged(1, true, [rare], []);
        await impatient.StartAsync(Token);
        await link.ConnectedAsync(1);
        Run(4);
        await Checks.UntilAsync(() => link.Results.Any(), "a result that nobody acknowledges");
        checker.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Run(5);
        await Checks.UntilAsync(() => impatient.Services.GetRequiredService<CheckScheduler>().InFlight == 1, "a running check");
        await impatient.StopAsync(Token).WaitAsync(Checks.Patience, Token);
        Assert.True(link.Current.Disposed);
        Assert.Equal([4L], link.Results.Select(r => r.DueTime));
    }

    [Fact]
    public async Task Stop_WithAssignments_GoesOnCheckingUntilItIsToldDrain()
    {
        link.Drains = false;
        await StartAsync(rare, often);
        await Checks.UntilAsync(() => link.Results.Any(r => r.Uid == "often"), "a result");
        var stopping = host.StopAsync(Token);
        await Checks.UntilAsync(() => !link.Current.Leavings.IsEmpty, "the worker says that it leaves");
        var before = link.Results.Count();
        await Checks.UntilAsync(() => link.Results.Count() > before, "a result made while it waits");
        // The line may be lost meanwhile: it says so again.
        link.Current.Break();
        await link.ConnectedAsync(2);
        await Checks.UntilAsync(() => !link.Current.Leavings.IsEmpty, "the worker says again that it leaves");
        Assert.False(stopping.IsCompleted);
        link.Current.Say(new Drain("others check now"));
        await stopping.WaitAsync(Checks.Patience, Token);
        Assert.Equal(0, host.Services.GetRequiredService<ResultOutbox>().Count);
    }

    [Fact]
    public async Task Stop_NobodySaysDrain_EndsAtTheLimit()
    {
        link.Drains = false;
        using var impatient = Build(options => options.HandOverTimeout = TimeSpan.FromMilliseconds(50));
        link.Greeting = new AssignmentsChanged(1, true, [rare], []);
        await impatient.StartAsync(Token);
        await Checks.UntilAsync(() => link.Connections.Any(c => !c.Applied.IsEmpty), "the assignment is in force");
        await impatient.StopAsync(Token).WaitAsync(Checks.Patience, Token);
        Assert.Single(link.Current.Leavings);
    }

    [Fact]
    public async Task Drain_WorkerThatIsNotLeaving_GoesOn()
    {
        await StartAsync(rare);
        link.Current.Say(new Drain("nobody asked"));
        Run(5);
        await Checks.UntilAsync(() => link.Results.Any(r => r.DueTime == 5), "a result");
    }

    [Fact]
    public async Task Restart_WithSpool_WhatWasNotAcknowledgedIsSentFirstUnderItsNumber()
    {
        var folder = Directory.CreateTempSubdirectory("healthtrack-worker-");
        try
        {
            link.Acknowledges = false;
            link.Greeting = new AssignmentsChanged(1, true, [rare], []);
            void Spooled(ProbeOptions options) => (options.Spool, options.FlushTimeout) = (folder.FullName, TimeSpan.FromMilliseconds(50));
            using (var first = Build(Spooled))
            {
                await first.StartAsync(Token);
                await link.ConnectedAsync(1);
                Run(4);
                await Checks.UntilAsync(() => link.Results.Any(), "a result that nobody acknowledges");
                await first.StopAsync(Token).WaitAsync(Checks.Patience, Token);
            }
            var left = link.Current.Batches.Single();
            link.Acknowledges = true;
            using var second = Build(Spooled);
            await second.StartAsync(Token);
            await link.ConnectedAsync(2);
            await Checks.UntilAsync(() => !link.Current.Batches.IsEmpty, "the batch of the first run");
            Run(5);
            await Checks.UntilAsync(() => link.Current.Batches.Count == 2, "a batch of the second run");
            var again = link.Current.Batches.ToArray();
            Assert.Equal((left.Sequence, 4L), (again[0].Sequence, again[0].Results.Single().DueTime));
            Assert.Equal(left.Results, again[0].Results);
            Assert.True(again[1].Sequence > left.Sequence);
            Assert.True(link.Hellos.Last().LastSequence >= left.Sequence);
            await Checks.UntilAsync(() => second.Services.GetRequiredService<ResultOutbox>().Count == 0, "all acknowledged");
            await second.StopAsync(Token).WaitAsync(Checks.Patience, Token);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
