using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Dispatch;

public sealed class WorkerRosterTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly WorkerRoster _roster;
    private readonly ProbeSession _session;

    public WorkerRosterTests()
    {
        _roster = new WorkerRoster(_time, NullLogger<WorkerRoster>.Instance);
        _session = _roster.Connect(new WorkerHello("w1", "default", "1"), remote: true, secure: true);
    }

    [Fact]
    public void Sweep_WorkerThatWaitedForUs_IsGivenItsTimeAnew()
    {
        _roster.Block(_session, true);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.False(SweepTwice());

        // What it said meanwhile is read next.
        _roster.Block(_session, false);
        Assert.False(SweepTwice());
        Assert.Equal(WorkerState.Connected, Assert.Single(_roster.All).State);

        _time.Advance(WorkerRoster.Silence + TimeSpan.FromSeconds(1));
        Assert.True(SweepTwice());
        Assert.Equal(WorkerState.Lost, Assert.Single(_roster.All).State);
    }

    [Fact]
    public void Sweep_WorkerLostForADay_IsForgotten()
    {
        _roster.Disconnect(_session);
        _time.Advance(WorkerRoster.Silence + TimeSpan.FromSeconds(1));
        Assert.True(SweepTwice());
        _time.Advance(TimeSpan.FromHours(23));
        SweepTwice();
        Assert.Single(_roster.All);

        _time.Advance(TimeSpan.FromHours(2));
        SweepTwice();
        Assert.Empty(_roster.All);
    }

    // Nobody is given up at the first look.
    private bool SweepTwice() => _roster.Sweep() | _roster.Sweep();
}
