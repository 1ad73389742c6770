using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;

namespace HealthTrack.Core.Tests.Oracles;

/// <summary>Rounds and blind locations as the design's section 4 words them, the slow way.</summary>
internal static class RoundOracle
{
    /// <summary>"The quorum-th worst among the live locations, unknown with fewer voters than quorum."</summary>
    public static Outcome? OutcomeOf(Outcome?[] votes, bool[] live, int quorum)
    {
        var voters = votes.Where((v, i) => live[i] && v is not null).OrderByDescending(v => v).ToArray();
        return voters.Length < quorum ? null : voters[quorum - 1];
    }

    /// <summary>"At least 5 monitors, all fail, and another location sees most of the same targets ok."</summary>
    public static bool IsBlind(Sighting[] sightings, string location)
    {
        var own = sightings.Where(s => s.Location == location).ToArray();
        if (own.Length < 5 || own.Any(s => !HealthOracle.IsFailure(s.Outcome)))
            return false;
        foreach (var other in sightings.Select(s => s.Location).Distinct().Where(l => l != location))
        {
            var ok = own.Count(mine => sightings.Any(s => s.Location == other && s.Monitor == mine.Monitor && s.Outcome == Outcome.Ok));
            if (ok > own.Length / 2.0)
                return true;
        }
        return false;
    }
}
