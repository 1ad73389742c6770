using HealthTrack.Core.Checks;

namespace HealthTrack.Operator.Tests.Whole.Failover;

/// <summary>A check as the store has it.</summary>
/// <param name="DueTime">When it was due, ms since the Unix epoch.</param>
/// <param name="Kind">Why it was made.</param>
/// <param name="Worker">Who made it.</param>
internal readonly record struct AccountedCheck(long DueTime, CheckKind Kind, string Worker);

/// <summary>A worker that was killed.</summary>
/// <param name="Worker">Its id.</param>
/// <param name="At">When, ms since the Unix epoch.</param>
internal readonly record struct WorkerDeath(string Worker, long At);

/// <summary>A due time without a check, or a check without a due time.</summary>
/// <param name="Monitor">The monitor's name.</param>
/// <param name="DueTime">The instant, ms since the Unix epoch.</param>
/// <param name="Before">Who made the check before; empty where nobody did.</param>
/// <param name="After">Who made the check after; empty where nobody did.</param>
internal readonly record struct Irregularity(string Monitor, long DueTime, string Before, string After);

/// <summary>
/// The account of what was due and what is stored. The store's key lets no check in twice; what remains to be shown is that none is missing but those that a killed
/// worker took along: due after its last stored result and before the hand-over.
/// </summary>
internal sealed class CheckAccount
{
    /// <summary>A dead worker's monitors are with others after this, ms; a little more than is promised, for the time that the kill takes.</summary>
    private const long HandOver = 11_000;

    private readonly List<Irregularity> _missing = [];
    private readonly List<Irregularity> _unexpected = [];

    /// <summary>Due times that were looked at.</summary>
    public int Due { get; private set; }

    /// <summary>Due times that a killed worker took along.</summary>
    public int TakenAlong { get; private set; }

    /// <summary>Due times without a check that nothing explains.</summary>
    public IReadOnlyList<Irregularity> Missing => _missing;

    /// <summary>Scheduled checks at an instant at which none was due.</summary>
    public IReadOnlyList<Irregularity> Unexpected => _unexpected;

    /// <summary>Adds a monitor.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="uid">Its UID.</param>
    /// <param name="location">Its one location.</param>
    /// <param name="interval">Its interval.</param>
    /// <param name="checks">All that is stored of it.</param>
    /// <param name="from">From when on, ms since the Unix epoch.</param>
    /// <param name="until">Until when, inclusive.</param>
    /// <param name="deaths">Who was killed.</param>
    public void Add(
        string name, string uid, string location, TimeSpan interval, IEnumerable<AccountedCheck> checks, long from, long until, IReadOnlyList<WorkerDeath> deaths)
    {
        var step = (long)interval.TotalMilliseconds;
        var phase = DueTimes.Phase(uid, location, step);
        var scheduled = checks.Where(c => c.Kind == CheckKind.Scheduled).OrderBy(c => c.DueTime).ToList();
        var there = scheduled.ToDictionary(c => c.DueTime, c => c.Worker);
        var before = scheduled.LastOrDefault(c => c.DueTime < from).Worker ?? "";
        for (var due = DueTimes.Next(phase, step, from - 1); due <= until; due += step)
        {
            Due++;
            if (there.TryGetValue(due, out var worker))
            {
                before = worker;
                continue;
            }
            if (deaths.Any(d => d.Worker == before && due > LastBefore(d) && due <= d.At + HandOver))
                TakenAlong++;
            else
                _missing.Add(new(name, due, before, scheduled.FirstOrDefault(c => c.DueTime > due).Worker ?? ""));
        }
        long LastBefore(WorkerDeath death) => scheduled.LastOrDefault(c => c.Worker == death.Worker && c.DueTime <= death.At).DueTime;

        _unexpected.AddRange(scheduled.Where(c => c.DueTime % step != phase).Select(c => new Irregularity(name, c.DueTime, c.Worker, c.Worker)));
    }

    public override string ToString() =>
        $"{Due} due, {TakenAlong} taken along by killed workers, {_missing.Count} missing, {_unexpected.Count} unexpected"
        + string.Concat(_missing.Concat(_unexpected).OrderBy(i => i.DueTime).Take(10).Select(Say));

    private static string Say(Irregularity i) =>
        $"\n  {i.Monitor} at {DateTimeOffset.FromUnixTimeMilliseconds(i.DueTime).UtcDateTime:HH:mm:ss.fff} between {i.Before} and {i.After}";
}
