using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Tests.Results;

public sealed class FleetTests
{
    [Fact]
    public void ById_AfterEachChange_IsAllOfThemInOrder()
    {
        var fleet = new Fleet();
        Assert.Empty(fleet.ById);
        foreach (var id in new long[] { 5, 2, 9 })
            fleet.Add(States.State(id, States.Monitor($"m{id}"), 0));
        var before = fleet.ById;
        Assert.Equal([2, 5, 9], before.Select(s => s.Id));
        Assert.Same(before, fleet.ById);

        fleet.Remove(before[1]);
        Assert.Equal([2, 9], fleet.ById.Select(s => s.Id));
        Assert.Equal([2, 5, 9], before.Select(s => s.Id));
        Assert.False(fleet.TryGet("uid-m5", out _));
    }
}
