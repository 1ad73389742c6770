using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;

namespace HealthTrack.Core.Tests.Sre;

public sealed class RoundTrackerTests
{
    private const long Interval = 10_000;
    private const long Start = 1_790_000_000_000;

    private static readonly string[] Pools = ["a", "b", "c"];

    private readonly MonitorWindows _windows = new(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
    private readonly RoundTracker _rounds = New(quorum: 2);

    [Fact]
    public void Take_OneOfThreeFails_IsAGoodRound()
    {
        Round(0, Outcome.Down, Outcome.Ok, Outcome.Ok);
        Assert.Equal((false, 100.0), (_rounds.Streak.Unhealthy, _windows.UptimePercent(At(1))));
        Assert.Equal([Health.Unhealthy, Health.Healthy, Health.Healthy], Views(At(0) + 9000));
    }

    [Fact]
    public void Take_TwoOfThreeFail_IsABadRound()
    {
        Round(0, Outcome.Down, Outcome.Error, Outcome.Ok);
        Assert.Equal((true, 1), (_rounds.Streak.Unhealthy, _rounds.Streak.Failures));
        Assert.Equal(0.0, _windows.UptimePercent(At(1)));
    }

    [Fact]
    public void Advance_ALiveLocationIsMissing_ClosesAfterIntervalAndTimeout()
    {
        Round(0, Outcome.Ok, Outcome.Ok, Outcome.Ok);
        Take(0, 1, Outcome.Down);
        Take(1, 1, Outcome.Down);
        _rounds.Advance(At(1) + Interval + 1999, _windows);
        Assert.False(_rounds.Streak.Unhealthy);
        _rounds.Advance(At(1) + Interval + 2000, _windows);
        Assert.True(_rounds.Streak.Unhealthy);
    }

    [Fact]
    public void Advance_FewerVotesThanTheQuorum_CountsNowhere()
    {
        Take(0, 0, Outcome.Down);
        _rounds.Advance(At(0) + Interval + 2000, _windows);
        Assert.False(_rounds.Streak.Unhealthy);
        Assert.Null(_windows.UptimePercent(At(2)));
    }

    [Fact]
    public void Take_AVoteAfterTheRoundHasClosed_CorrectsTheUptimeAndNotTheStreak()
    {
        Take(0, 0, Outcome.Down);
        Take(1, 0, Outcome.Ok);
        _rounds.Advance(At(0) + Interval + 2000, _windows);
        Assert.Equal(100.0, _windows.UptimePercent(At(2)));
        Take(2, 0, Outcome.Down, now: At(3));
        Assert.Equal((0.0, false), (_windows.UptimePercent(At(3)), _rounds.Streak.Unhealthy));
    }

    [Fact]
    public void Take_AFirstCheckAndThenThatOfTheGrid_TheGridVotes()
    {
        Take(0, 0, Outcome.Down, kind: CheckKind.First);
        Take(1, 0, Outcome.Down);
        Take(0, 0, Outcome.Ok);
        Take(0, 0, Outcome.Down, kind: CheckKind.First);
        Take(2, 0, Outcome.Ok);
        Assert.False(_rounds.Streak.Unhealthy);
    }

    [Fact]
    public void Take_AManualCheck_JoinsNoRound()
    {
        Take(0, 0, Outcome.Down, kind: CheckKind.Manual);
        Take(1, 0, Outcome.Down, kind: CheckKind.Manual);
        _rounds.Advance(At(2), _windows);
        Assert.False(_rounds.Streak.Unhealthy);
        Assert.Equal(Health.Unhealthy, Views(At(0) + 9000)[0]);
    }

    [Fact]
    public void SetBlind_TheVotesOfABlindLocation_DoNotCount()
    {
        var rounds = New(quorum: 1);
        rounds.SetBlind(new HashSet<string> { "a" });
        for (var location = 0; location < 3; location++)
            rounds.Take(location, Result(Pools[location], 0, location == 0 ? Outcome.Down : Outcome.Ok, CheckKind.Scheduled), At(0) + 9000, _windows);
        Assert.False(rounds.Streak.Unhealthy);
        Assert.Equal(100.0, _windows.UptimePercent(At(1)));
    }

    [Fact]
    public void QuorumHeardAt_TwoOfThree_IsTheSecondNewest()
    {
        Assert.Null(_rounds.QuorumHeardAt());
        Take(0, 5, Outcome.Ok);
        Assert.Null(_rounds.QuorumHeardAt());
        Take(1, 3, Outcome.Ok);
        Assert.Equal(At(3) + 100, _rounds.QuorumHeardAt());
    }

    // Whatever order votes come in, in the end the uptime is that of the votes; and a rebuild from them says the same.
    [Fact]
    public void Take_AnyOrderOfVotes_GivesTheUptimeOfTheVotes() =>
        Gen.Select(Gen.Int[1, 3], Gen.Select(Gen.Int[0, 2], Gen.Int[0, 29], Gen.Enum<Outcome>(), Gen.Int[0, 20]).Array[0, 90]).Sample((quorum, votes) =>
        {
            var (windows, rounds) = (new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)), New(quorum));
            // One vote a location and round, each so many rounds late. The first round is there from the beginning.
            var all = votes.DistinctBy(v => (v.Item1, v.Item2)).OrderBy(v => v.Item2 + v.Item4).ToList();
            rounds.Take(0, Result("a", 0, Outcome.Ok, CheckKind.Scheduled), At(0) + 9000, windows);
            foreach (var (location, slot, outcome, late) in all.Where(v => (v.Item1, v.Item2) != (0, 0)))
                rounds.Take(location, Result(Pools[location], slot, outcome, CheckKind.Scheduled), At(slot + late) + 9000, windows);
            var end = At(60);
            rounds.Advance(end, windows);

            var known = all.Where(v => (v.Item1, v.Item2) != (0, 0)).Select(v => (Location: v.Item1, Slot: v.Item2, Outcome: v.Item3))
                .Append((Location: 0, Slot: 0, Outcome: Outcome.Ok)).ToList();
            var outcomes = known.GroupBy(v => v.Slot).Select(g => g.Select(v => v.Outcome).OrderDescending().Skip(quorum - 1).Select(o => (Outcome?)o).FirstOrDefault()).ToList();
            var (good, bad) = (outcomes.Count(o => o == Outcome.Ok), outcomes.Count(o => o is not (null or Outcome.Ok)));
            double? expected = good + bad == 0 ? null : 100.0 * good / (good + bad);
            Assert.Equal(expected, windows.UptimePercent(end));

            var (again, rebuilt) = (new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)), New(quorum));
            rebuilt.Rebuild(known.OrderBy(v => v.Slot).Select(v => (Pools[v.Location], At(v.Slot) + 100, CheckKind.Scheduled, v.Outcome)), end, again);
            Assert.Equal(expected, again.UptimePercent(end));
        });

    private static RoundTracker New(int quorum) =>
        new(new RoundRules(Pools, quorum, TimeSpan.FromMilliseconds(Interval), TimeSpan.FromSeconds(2), 1, 1), default);

    private static long At(int slot) => Start + (slot * Interval);

    private void Round(int slot, params Outcome[] outcomes)
    {
        for (var location = 0; location < outcomes.Length; location++)
            Take(location, slot, outcomes[location]);
    }

    private void Take(int location, int slot, Outcome outcome, CheckKind kind = CheckKind.Scheduled, long? now = null) =>
        _rounds.Take(location, Result(Pools[location], slot, outcome, kind), now ?? At(slot) + 9000, _windows);

    private Health[] Views(long now) =>
        [.. _rounds.Locations.Select(l => l.HealthAt(new RoundRules(Pools, 2, TimeSpan.FromMilliseconds(Interval), TimeSpan.FromSeconds(2), 1, 1), now))];

    private static CheckResult Result(string pool, int slot, Outcome outcome, CheckKind kind) => new()
    {
        Uid = "u", Location = pool, Generation = 1, DueTime = At(slot) + 100, StartedAt = At(slot) + 100, Kind = kind, Outcome = outcome, LatencyMicros = 1000,
        CountsInLatency = outcome == Outcome.Ok,
    };
}
