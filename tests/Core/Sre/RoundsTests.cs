using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class RoundsTests
{
    private static readonly Gen<(Outcome? Vote, bool Live)[]> Locations =
        Gen.Select(Gen.Int[-1, 3].Select(n => n < 0 ? (Outcome?)null : (Outcome)n), Gen.Bool).Array[0, 8];

    [Fact]
    public void OutcomeOf_AnyVotes_IsTheQuorumThWorstOfTheLive() =>
        Gen.Select(Locations, Gen.Int[1, 8]).Sample(
            (locations, quorum) =>
            {
                Outcome?[] votes = [.. locations.Select(l => l.Vote)];
                bool[] live = [.. locations.Select(l => l.Live)];
                Assert.Equal(RoundOracle.OutcomeOf(votes, live, quorum), Rounds.OutcomeOf(votes, live, quorum));
            },
            iter: 20_000);

    [Fact]
    public void OutcomeOf_OneLocation_IsItsResult() =>
        Gen.Int[0, 3].Sample(n => Assert.Equal((Outcome)n, Rounds.OutcomeOf([(Outcome)n], [true], 1)));

    [Theory]
    [InlineData("DOO", "+++", 1, Outcome.Down)]
    [InlineData("DOO", "+++", 2, Outcome.Ok)]
    [InlineData("DEO", "+++", 2, Outcome.Error)]
    [InlineData("DDO", "-++", 2, Outcome.Ok)]
    [InlineData("D?O", "+++", 3, null)]
    [InlineData("DDD", "--+", 2, null)]
    public void OutcomeOf_Votes_IsWhatTheDesignSays(string votes, string live, int quorum, Outcome? expected) =>
        Assert.Equal(expected, Rounds.OutcomeOf(Votes(votes), [.. live.Select(c => c == '+')], quorum));

    [Theory]
    [InlineData("OO", "++", 0, true)]
    [InlineData("O?", "++", 11_999, false)]
    [InlineData("O?", "++", 12_000, true)]
    [InlineData("O?", "+-", 0, true)]
    [InlineData("??", "--", 11_999, false)]
    [InlineData("??", "--", 12_000, true)]
    public void IsClosed_IntervalOf10SAndLimitOf2S_WaitsForTheLiveOrTheTime(string votes, string live, long sinceStart, bool closed) =>
        Assert.Equal(closed, Rounds.IsClosed(Votes(votes), [.. live.Select(c => c == '+')], 50_000, 12_000, 50_000 + sinceStart));

    [Fact]
    public void SlotOf_TheGridOfAnyLocation_HasOneDueTimeASlot() =>
        Gen.Select(Gen.Guid, Gen.Int[1, 100_000], Gen.Long[1, 1_000_000], Gen.Int[0, 3].Select(n => $"pool-{n}")).Sample(
            (uid, interval, slot, location) =>
            {
                var phase = DueTimes.Phase(uid.ToString(), location, interval);
                var start = Rounds.StartOf(slot, interval);
                Assert.Equal(1, DueTimes.CountBetween(phase, interval, start - 1, start + interval - 1));
                Assert.Equal(slot, Rounds.SlotOf(DueTimes.Next(phase, interval, start - 1), interval));
            },
            iter: 20_000);

    private static Outcome?[] Votes(string votes) => [.. votes.Select(c => c == '?' ? (Outcome?)null : (Outcome)"OWED".IndexOf(c))];
}
