using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Results;

/// <summary>How one location sees a monitor's target.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Worker">The worker that checked last; empty where it is not known.</param>
/// <param name="Health">Health as seen from there.</param>
/// <param name="LastDue">When its newest check was due, ms since the Unix epoch; null where there was none.</param>
/// <param name="IsBlind">Whether it has lost its own network.</param>
internal readonly record struct LocationView(string Pool, string Worker, Health Health, long? LastDue, bool IsBlind);

/// <summary>What follows from where a monitor is checked.</summary>
internal static class LocationViews
{
    /// <summary>The rounds of a monitor that several locations check: those of before where they go by the same slots, else new ones with the streak so far.</summary>
    /// <param name="monitor">The monitor.</param>
    /// <param name="rounds">Those of before; null for none.</param>
    /// <param name="before">The monitor before; null for none.</param>
    /// <param name="streak">The streak so far.</param>
    /// <param name="blind">When locations were blind.</param>
    /// <param name="counted">Whether the uptime was counted before, by whatever rules.</param>
    public static RoundTracker? RoundsOf(Monitor monitor, RoundTracker? rounds, Monitor? before, Streak streak, BlindTimes? blind, bool counted)
    {
        var spec = monitor.Spec;
        if (spec.Pools.Count < 2)
            return null;
        var rules = Rules(spec);
        if (rounds is null || before is null || !rules.SameSlots(Rules(before.Spec)))
            return new RoundTracker(rules, streak, blind, counted);
        rounds.Change(rules);
        return rounds;
    }

    /// <summary>The view of each location.</summary>
    public static IReadOnlyList<LocationView> Of(Monitor? monitor, RoundTracker? rounds, CheckResult? last, Health health, long now)
    {
        if (monitor is null)
            return [];
        if (rounds is null)
            return last is null ? [] : [new(last.Location, last.Worker, health, last.DueTime, false)];
        var rules = Rules(monitor.Spec);
        return
        [
            .. rounds.Locations.Select(l => new LocationView(
                l.Pool, l.Last?.Worker ?? "", monitor.Spec.Suspend ? Health.Suspended : l.HealthAt(rules, now), l.LastDue, l.IsBlind)),
        ];
    }

    /// <summary>The result whose message tells most: the newest of a location that sees a failure, else the newest of all.</summary>
    public static CheckResult? Telling(RoundTracker rounds, CheckResult? last) =>
        rounds.Locations.Where(l => l is { Fails: true, IsBlind: false, Last: not null }).Select(l => l.Last!).MaxBy(r => r.DueTime) ?? last;

    /// <summary>Who sees a failure: the beginning of a message.</summary>
    public static string SeenBy(RoundTracker rounds)
    {
        var seeing = rounds.Locations.Where(l => l is { Fails: true, IsBlind: false }).Select(l => l.Pool).ToList();
        var blind = rounds.Locations.Where(l => l.IsBlind).Select(l => l.Pool).ToList();
        var without = blind.Count == 0 ? "" : $", {string.Join(", ", blind)} being blind";
        return seeing.Count == 0 ? "" : $"{seeing.Count} of {rounds.Locations.Count} locations ({string.Join(", ", seeing)}) see it fail{without}: ";
    }

    private static RoundRules Rules(MonitorSpec spec) =>
        new(spec.Pools, spec.Quorum, spec.Interval, spec.Timeout, spec.FailureThreshold, spec.SuccessThreshold);
}
