using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Sre;

/// <summary>What one location saw of one monitor in the interval that is judged; at most one a monitor and location.</summary>
/// <param name="Monitor">The monitor's UID.</param>
/// <param name="Location">The pool.</param>
/// <param name="Outcome">How its newest check ended.</param>
public readonly record struct Sighting(string Monitor, string Location, Outcome Outcome);

/// <summary>
/// Finds the locations that have lost their own network, so that they do not report the whole fleet as failing: one is blind only where it
/// has at least <see cref="FewestMonitors"/> monitors, all of them fail, and another location sees most of the same targets ok.
/// </summary>
public static class BlindLocations
{
    /// <summary>With fewer monitors than this, failing together proves nothing about the location.</summary>
    public const int FewestMonitors = 5;

    /// <summary>The blind locations among those that saw something.</summary>
    public static IReadOnlySet<string> Of(IReadOnlyCollection<Sighting> sightings)
    {
        var blind = new HashSet<string>(StringComparer.Ordinal);
        foreach (var location in sightings.GroupBy(s => s.Location, StringComparer.Ordinal))
        {
            var monitors = location.Select(s => s.Monitor).ToHashSet(StringComparer.Ordinal);
            if (monitors.Count >= FewestMonitors && location.All(Fails) && AnotherSeesMostOk(sightings, location.Key, monitors))
                blind.Add(location.Key);
        }
        return blind;
    }

    private static bool Fails(Sighting sighting) => sighting.Outcome is Outcome.Error or Outcome.Down;

    // Most of all this location's targets, not of those that the two share: two shared monitors say too little about a hundred others.
    private static bool AnotherSeesMostOk(IReadOnlyCollection<Sighting> sightings, string location, HashSet<string> monitors) =>
        sightings
            .Where(s => s.Outcome == Outcome.Ok && s.Location != location && monitors.Contains(s.Monitor))
            .GroupBy(s => s.Location, StringComparer.Ordinal)
            .Any(other => other.Count() * 2 > monitors.Count);
}
