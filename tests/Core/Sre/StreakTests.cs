using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class StreakTests
{
    [Fact]
    public void After_EachOfManyOutcomes_IsWhatTheWholeListSays() =>
        Gen.Select(Gen.Int[0, 3].Select(n => (Outcome)n).Array[0, 40], Gen.Int[1, 5], Gen.Int[1, 5]).Sample(
            (outcomes, failureThreshold, successThreshold) =>
            {
                var streak = default(Streak);
                for (var i = 0; i < outcomes.Length; i++)
                {
                    streak = streak.After(outcomes[i], failureThreshold, successThreshold);
                    var soFar = outcomes[..(i + 1)];
                    Assert.Equal(HealthOracle.IsUnhealthy(soFar, failureThreshold, successThreshold), streak.Unhealthy);
                    Assert.Equal(HealthOracle.Trailing(soFar, HealthOracle.IsFailure), streak.Failures);
                    Assert.Equal(HealthOracle.Trailing(soFar, o => !HealthOracle.IsFailure(o)), streak.Others);
                    Assert.Equal(HealthOracle.Trailing(soFar, o => o == Outcome.Warn), streak.Warnings);
                }
            },
            iter: 20_000);

    [Theory]
    [InlineData("DDD", 3, 2, true)]
    [InlineData("DDE", 3, 2, true)]
    [InlineData("DDOD", 3, 2, false)]
    [InlineData("DDWD", 3, 2, false)]
    [InlineData("DDDO", 3, 2, true)]
    [InlineData("DDDOW", 3, 2, false)]
    [InlineData("DDDODO", 3, 2, true)]
    [InlineData("WWWW", 1, 1, false)]
    public void After_Outcomes_TurnsWhereTheDesignSays(string outcomes, int failureThreshold, int successThreshold, bool unhealthy)
    {
        var streak = outcomes.Select(o => (Outcome)"OWED".IndexOf(o))
            .Aggregate(default(Streak), (s, o) => s.After(o, failureThreshold, successThreshold));
        Assert.Equal(unhealthy, streak.Unhealthy);
    }
}
