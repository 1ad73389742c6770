using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

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
        var blind = new BlindTimes();
        blind.Begin("a", At(0));
        var rounds = New(quorum: 1, blind);
        rounds.SetBlind(new HashSet<string> { "a" }, At(0), _windows);
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

    [Fact]
    public void SetBlind_ARoundThatIsNotOver_CountsWithoutTheVoteThatItHas()
    {
        var blind = new BlindTimes();
        var rounds = New(quorum: 1, blind);
        for (var location = 0; location < 3; location++)
            rounds.Take(location, Result(Pools[location], 0, location == 0 ? Outcome.Down : Outcome.Ok, CheckKind.Scheduled), At(0) + 5000, _windows);
        Assert.Equal(0.0, _windows.UptimePercent(At(1)));

        blind.Begin("a", At(0) + 6000);
        Assert.True(rounds.SetBlind(blind.Now, At(0) + 6000, _windows));
        Assert.False(rounds.SetBlind(blind.Now, At(0) + 6000, _windows));
        Assert.Equal(100.0, _windows.UptimePercent(At(1)));
    }

    [Fact]
    public void Take_AVoteThatComesLate_IsJudgedByTheBlindnessOfItsOwnTime()
    {
        var blind = new BlindTimes();
        var rounds = New(quorum: 1, blind);
        blind.Begin("a", At(2));
        blind.End("a", At(4));
        rounds.Take(1, Result("b", 2, Outcome.Ok, CheckKind.Scheduled), At(2) + 9000, _windows);
        rounds.Take(1, Result("b", 9, Outcome.Ok, CheckKind.Scheduled), At(9) + 9000, _windows);

        rounds.Take(0, Result("a", 2, Outcome.Down, CheckKind.Scheduled), At(9) + 9000, _windows);
        Assert.Equal(100.0, _windows.UptimePercent(At(10)));
        // Blind again, which says nothing of that time.
        blind.Begin("a", At(10));
        rounds.SetBlind(blind.Now, At(10), _windows);
        rounds.Take(0, Result("a", 6, Outcome.Down, CheckKind.Scheduled), At(10), _windows);
        Assert.Equal(200.0 / 3, _windows.UptimePercent(At(10))!.Value, 6);
    }

    // Whatever order votes come in, and whenever locations turn blind and see again, in the end the uptime is that of the votes that count; and a rebuild from
    // them says the same.
    [Fact]
    public void Take_AnyOrderOfVotesAndBlindness_GivesTheUptimeOfTheVotesThatCount() => Gen.Select(
        Gen.Int[1, 3],
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 29], Gen.Enum<Outcome>(), Gen.Int[0, 20]).Array[0, 90],
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 45 * (int)Interval]).Array[0, 6]).Sample((quorum, votes, turns) =>
        {
            var blind = new BlindTimes();
            var (windows, rounds) = (new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)), New(quorum, blind));
            // One vote a location and round, each so many rounds late.
            var all = votes.DistinctBy(v => (v.Item1, v.Item2)).Select(v => (Location: v.Item1, Slot: v.Item2, Outcome: v.Item3, Late: v.Item4)).ToList();
            var events = all.Select(v => (Time: At(v.Slot + v.Late) + 9000, Act: (Action<long>)(now =>
                    rounds.Take(v.Location, Result(Pools[v.Location], v.Slot, v.Outcome, CheckKind.Scheduled), now, windows))))
                .Concat(turns.Select(t => (Time: Start + t.Item2, Act: (Action<long>)(now => Turn(Pools[t.Item1], now)))));
            void Turn(string pool, long now)
            {
                if (blind.End(pool, now) is null)
                    blind.Begin(pool, now);
                rounds.SetBlind(blind.Now, now, windows);
                rounds.Advance(now, windows);
            }
            foreach (var (now, act) in events.OrderBy(e => e.Time))
                act(now);
            var end = At(60);
            rounds.Advance(end, windows);

            bool Counts(int location, int slot) => !blind.All.Any(
                b => b.Pool == Pools[location] && b.From < At(slot + 1) + 2000 && (b.Until is not { } until || until > At(slot) + 100));
            var outcomes = all.GroupBy(v => v.Slot).Select(g => RoundOracle.OutcomeOf(
                [.. g.Select(v => (Outcome?)v.Outcome)], [.. g.Select(v => Counts(v.Location, v.Slot))], quorum)).ToList();
            var (good, bad) = (outcomes.Count(o => o == Outcome.Ok), outcomes.Count(o => o is not (null or Outcome.Ok)));
            double? expected = good + bad == 0 ? null : 100.0 * good / (good + bad);
            Assert.Equal(expected, windows.UptimePercent(end));

            var (again, rebuilt) = (new MonitorWindows(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1)), New(quorum, blind));
            rebuilt.Rebuild(all.OrderBy(v => v.Slot).Select(v => (Pools[v.Location], At(v.Slot) + 100, CheckKind.Scheduled, v.Outcome)), end, again);
            Assert.Equal(expected, again.UptimePercent(end));
        }, iter: 300);

    private static RoundTracker New(int quorum, BlindTimes? blind = null) =>
        new(new RoundRules(Pools, quorum, TimeSpan.FromMilliseconds(Interval), TimeSpan.FromSeconds(2), 1, 1), default, blind);

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
