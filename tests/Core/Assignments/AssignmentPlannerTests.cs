using CsCheck;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Assignments;

public sealed class AssignmentPlannerTests
{
    private static readonly Monitor[] Fleet = [.. Enumerable.Range(0, 4_000).Select(i => Named($"service-{i}"))];

    [Fact]
    public void Plan_WorkersInAnotherOrder_IsTheSame() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int).Sample(
            (count, seed) =>
            {
                var workers = Workers(count);
                var shuffled = workers.ToArray();
                new Random(seed).Shuffle(shuffled);
                Assert.Equal(PlanOf(Fleet[..50], workers), PlanOf(Fleet[..50], shuffled));
            },
            iter: 1_000);

    [Fact]
    public void Plan_AWorkerLost_MovesItsMonitorsAndNoOthers()
    {
        var workers = Workers(5);
        var before = PlanOf(Fleet, workers);
        foreach (var lost in workers)
        {
            var after = PlanOf(Fleet, [.. workers.Where(w => w != lost)]);
            foreach (var (uid, worker) in before)
            {
                if (worker == lost.Id)
                    Assert.NotEqual(lost.Id, after[uid]);
                else
                    Assert.Equal(worker, after[uid]);
            }
            // What it leaves behind is shared out, not handed to one.
            var heirs = before.Where(p => p.Value == lost.Id).GroupBy(p => after[p.Key]).Select(g => g.Count()).ToList();
            Assert.Equal(4, heirs.Count);
            Assert.InRange(heirs.Max() / heirs.Average(), 1, 1.3);
        }
    }

    [Fact]
    public void Plan_AWorkerMore_TakesItsShareAndNothingElseMoves()
    {
        var before = PlanOf(Fleet, Workers(4));
        var after = PlanOf(Fleet, Workers(5));
        var moved = before.Where(p => after[p.Key] != p.Value).ToList();
        Assert.All(moved, p => Assert.Equal("worker-4", after[p.Key]));
        Assert.InRange(moved.Count / (double)Fleet.Length, 0.17, 0.23);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    public void Plan_ManyMonitors_AreSpreadFairly(int workers)
    {
        var shares = PlanOf(Fleet, Workers(workers)).GroupBy(p => p.Value).Select(g => g.Count() / (Fleet.Length / (double)workers)).ToList();
        Assert.Equal(workers, shares.Count);
        Assert.All(shares, s => Assert.InRange(s, 0.88, 1.12));
    }

    [Fact]
    public void Plan_WorkersOfManyWeights_AreGivenTheirPartOfTheWhole() => Gen.Int[1, 9].Array[2, 6].Sample(
        weights =>
        {
            WorkerSlot[] workers = [.. weights.Select((w, i) => new WorkerSlot($"worker-{i}", "default", w))];
            var shares = PlanOf(Fleet, workers).GroupBy(p => p.Value!).ToDictionary(g => g.Key, g => g.Count());
            foreach (var worker in workers)
            {
                var expected = (double)Fleet.Length * worker.Capacity / weights.Sum();
                // Five standard deviations of a binomial share.
                Assert.InRange(shares.GetValueOrDefault(worker.Id), expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
            }
        },
        iter: 20);

    [Fact]
    public void Plan_WorkersOfManyWeightsAndOneLostOrHeavier_MovesNoMoreThanItMust() => Gen.Select(Gen.Int[1, 9].Array[2, 6], Gen.Int[0, 5]).Sample(
        (weights, pick) =>
        {
            WorkerSlot[] workers = [.. weights.Select((w, i) => new WorkerSlot($"worker-{i}", "default", w))];
            var one = workers[pick % workers.Length];
            var before = PlanOf(Fleet[..500], workers);
            var lost = PlanOf(Fleet[..500], [.. workers.Where(w => w != one)]);
            var heavier = PlanOf(Fleet[..500], [.. workers.Select(w => w == one ? w with { Capacity = w.Capacity + 3 } : w)]);
            foreach (var (uid, worker) in before)
            {
                Assert.True(worker == one.Id || lost[uid] == worker, "only the lost worker's monitors move");
                Assert.True(heavier[uid] == worker || heavier[uid] == one.Id, "what moves goes to the heavier one");
            }
        },
        iter: 50);

    [Fact]
    public void Plan_SeveralPools_PlacesEachMonitorOnAWorkerOfEachOfItsPools()
    {
        WorkerSlot[] workers = [new("a", "eu"), new("b", "us"), new("c", "us")];
        var monitor = Named("x") with { Spec = Fleet[0].Spec with { Pools = ["eu", "us", "asia"] } };
        var plan = AssignmentPlanner.Plan([monitor], workers).ToList();
        Assert.Equal(["eu", "us", "asia"], plan.Select(p => p.Location));
        Assert.Equal("a", plan[0].WorkerId);
        Assert.Contains(plan[1].WorkerId, new[] { "b", "c" });
        Assert.Null(plan[2].WorkerId);
    }

    [Fact]
    public void Plan_ASuspendedMonitor_IsNotPlaced() =>
        Assert.Empty(AssignmentPlanner.Plan([Named("x") with { Spec = Fleet[0].Spec with { Suspend = true } }], Workers(2)));

    private static Dictionary<string, string?> PlanOf(IEnumerable<Monitor> monitors, IReadOnlyCollection<WorkerSlot> workers) =>
        AssignmentPlanner.Plan(monitors, workers).ToDictionary(p => p.Monitor.Uid, p => p.WorkerId);

    private static WorkerSlot[] Workers(int count) => [.. Enumerable.Range(0, count).Select(i => new WorkerSlot($"worker-{i}", "default"))];

    private static Monitor Named(string name) => new()
    {
        Uid = MonitorUid.For(new MonitorKey("default", name)),
        Key = new MonitorKey("default", name),
        Generation = 1,
        DisplayName = name,
        Spec = new MonitorSpec
        {
            Interval = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromSeconds(5),
            Window = TimeSpan.FromHours(1),
            Check = new HttpCheck { Url = new Uri("https://example.test/") },
        },
    };
}
