using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Core.Tests.Oracles;

namespace HealthTrack.Core.Tests.Sre;

public sealed class BlindLocationsTests
{
    // A location leans to all good or all bad, so that blind ones are common among the cases.
    private static readonly Gen<Sighting[]> Fleets =
        Gen.Select(Gen.Int[0, 9], Gen.Bool, Gen.Int[0, 19].Array[10], (count, failing, dice) => (count, failing, dice)).Array[1, 4].Select(
            locations => locations.SelectMany((l, location) => Enumerable.Range(0, l.count).Select(monitor => new Sighting(
                $"m{monitor}", $"l{location}", l.dice[monitor] == 0 ? Outcome.Warn : l.failing ? Outcome.Down : Outcome.Ok))).ToArray());

    [Fact]
    public void Of_AnyFleet_IsWhatTheDesignSays() =>
        Fleets.Sample(
            fleet => Assert.Equal(
                fleet.Select(s => s.Location).Distinct().Where(l => RoundOracle.IsBlind(fleet, l)).Order(),
                BlindLocations.Of(fleet).Order()),
            iter: 10_000);

    [Theory]
    [InlineData("DDDDD", "OOODD", true)]
    [InlineData("DEDED", "OOOOO", true)]
    [InlineData("DDDD", "OOOO", false)]
    [InlineData("DDDDW", "OOOOO", false)]
    [InlineData("DDDDDD", "OOODDD", false)]
    [InlineData("DDDDD", "DDDDD", false)]
    [InlineData("DDDDD", "", false)]
    public void Of_TwoLocations_FindsTheFirstBlindOnlyWithProof(string first, string second, bool blind) =>
        Assert.Equal(blind, BlindLocations.Of([.. Seen("first", first), .. Seen("second", second)]).Contains("first"));

    private static IEnumerable<Sighting> Seen(string location, string outcomes) =>
        outcomes.Select((o, i) => new Sighting($"m{i}", location, (Outcome)"OWED".IndexOf(o)));
}
