using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Sre;

/// <summary>What the rounds of a monitor go by.</summary>
/// <param name="Pools">The locations, 2 to 16.</param>
/// <param name="Quorum">How many must see a failure for it to count.</param>
/// <param name="Interval">The length of a slot.</param>
/// <param name="Timeout">How long a check may take.</param>
/// <param name="FailureThreshold">Of the streaks.</param>
/// <param name="SuccessThreshold">Of the streaks.</param>
public sealed record RoundRules(IReadOnlyList<string> Pools, int Quorum, TimeSpan Interval, TimeSpan Timeout, int FailureThreshold, int SuccessThreshold)
{
    /// <summary>A location that has not reported for this long is not waited for.</summary>
    public TimeSpan LiveFor => HealthEvaluator.UnknownAfter(Interval);

    /// <summary>Whether another monitor's rounds go by the same slots and locations.</summary>
    public bool SameSlots(RoundRules other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Interval == other.Interval && Pools.SequenceEqual(other.Pools);
    }
}

/// <summary>
/// The rounds of one monitor with several locations: votes come in, rounds close in order and go into the uptime and the streak, and a vote that comes after its
/// round has closed corrects the uptime, never the streak. A vote counts for nothing where its location was blind at any time from when it was due until its round
/// is over: what counts does not depend on when it came, and a rebuild finds the same. A day of votes is kept, a few bits each. Not thread-safe: its owner locks.
/// </summary>
public sealed class RoundTracker
{
    // Results that are due later than this are not taken in.
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);
    private static readonly long Day = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    private readonly long _interval;
    private readonly LocationTrack[] _locations;
    private readonly VoteRing _votes;
    private readonly Outcome?[] _round;
    private readonly bool[] _flags;
    private readonly BlindTimes _blind;
    private readonly bool _follows;
    private RoundRules _rules;
    private long? _nextToClose;
    private long _first;

    /// <param name="rules">What they go by.</param>
    /// <param name="streak">The streak so far.</param>
    /// <param name="blind">When its locations were blind; null: never.</param>
    /// <param name="follows">Whether the uptime was counted by other rules before: votes in rounds before the first are not counted again.</param>
    public RoundTracker(RoundRules rules, Streak streak, BlindTimes? blind = null, bool follows = false)
    {
        ArgumentNullException.ThrowIfNull(rules);
        (_rules, Streak, _blind, _follows) = (rules, streak, blind ?? new(), follows);
        _interval = (long)rules.Interval.TotalMilliseconds;
        _locations = [.. rules.Pools.Select(pool => new LocationTrack(pool) { IsBlind = _blind.IsBlind(pool) })];
        // The day's start is rounded down, and the round at the present is open.
        _votes = new VoteRing(rules.Pools.Count, (int)Math.Min(int.MaxValue, (Day + WindowBounds.Granularity(Day)) / _interval + 3));
        (_round, _flags) = (new Outcome?[rules.Pools.Count], new bool[rules.Pools.Count]);
    }

    /// <summary>The consecutive rounds that health turns on.</summary>
    public Streak Streak { get; private set; }

    /// <summary>The locations, in the order of the rules.</summary>
    public IReadOnlyList<LocationTrack> Locations => _locations;

    /// <summary>Goes by other thresholds, quorum or time limit from now on; slots and locations are the same.</summary>
    public void Change(RoundRules rules) => _rules = rules;

    /// <summary>The place of a location; negative where it is none of this monitor's.</summary>
    public int IndexOf(string pool) => Array.FindIndex(_locations, l => l.Pool == pool);

    /// <summary>Whether a location has voted in the round of a due time.</summary>
    public bool HasVoted(int location, long dueTime) => _votes.Has(Rounds.SlotOf(dueTime, _interval), location);

    /// <summary>Takes a result. A manual one is no vote, and moves the view of its own location alone.</summary>
    /// <param name="location">Its location's place.</param>
    /// <param name="result">The result.</param>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="windows">Takes the uptime.</param>
    public void Take(int location, CheckResult result, long now, MonitorWindows windows)
    {
        ArgumentNullException.ThrowIfNull(result);
        _locations[location].Take(result, _rules);
        if (result.Kind != CheckKind.Manual)
            Vote(location, result.DueTime, result.Kind, result.Outcome, now, windows);
    }

    /// <summary>Takes what the store remembers, by ascending due time, before any result.</summary>
    /// <param name="votes">Location, due time, kind and outcome.</param>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="windows">Takes the uptime.</param>
    public void Rebuild(IEnumerable<(string Location, long DueTime, CheckKind Kind, Outcome Outcome)> votes, long now, MonitorWindows windows)
    {
        ArgumentNullException.ThrowIfNull(votes);
        foreach (var (pool, dueTime, kind, outcome) in votes)
        {
            if (IndexOf(pool) is not (>= 0 and var location))
                continue;
            _locations[location].Remember(dueTime, outcome, _rules);
            if (kind != CheckKind.Manual)
                Put(location, dueTime, kind, outcome, now);
        }
        Advance(now, windows);
    }

    /// <summary>Takes the newest result of a location, after <see cref="Rebuild"/>.</summary>
    public void Recall(CheckResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (IndexOf(result.Location) is >= 0 and var location)
            _locations[location].Recall(result);
    }

    /// <summary>Closes the rounds that are over.</summary>
    public void Advance(long now, MonitorWindows windows)
    {
        if (_nextToClose is not { } slot)
            return;
        var newest = Rounds.SlotOf(now, _interval);
        slot = Math.Max(slot, newest - _votes.Length + 1);
        for (; slot <= newest; slot++)
        {
            Load(slot);
            for (var i = 0; i < _flags.Length; i++)
                _flags[i] = IsLive(i, now) && (_round[i] is not null || !_votes.Has(slot, i));
            if (!Rounds.IsClosed(_round, _flags, Rounds.StartOf(slot, _interval), Length, now))
                break;
            Close(slot, now, windows);
        }
        _nextToClose = slot;
    }

    /// <summary>Says which locations are blind: their votes do not count while they are, those in rounds that are not over yet among them.</summary>
    /// <param name="pools">The blind locations.</param>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="windows">Takes the uptime.</param>
    /// <returns>Whether that is a change.</returns>
    public bool SetBlind(IReadOnlySet<string> pools, long now, MonitorWindows windows)
    {
        ArgumentNullException.ThrowIfNull(pools);
        var changed = false;
        for (var i = 0; i < _locations.Length; i++)
        {
            var blind = pools.Contains(_locations[i].Pool);
            if (_locations[i].IsBlind == blind)
                continue;
            (_locations[i].IsBlind, changed) = (blind, true);
            if (blind)
                Annul(i, now, windows);
        }
        return changed;
    }

    /// <summary>When the newest check was due of so many locations that can see as a quorum has, ms since the Unix epoch; null where there never were.</summary>
    public long? QuorumHeardAt()
    {
        var heard = _locations.Where(l => !l.IsBlind && l.LastDue is not null).Select(l => l.LastDue!.Value).OrderDescending().Skip(_rules.Quorum - 1).ToList();
        return heard.Count == 0 ? null : heard[0];
    }

    // From the start of a round until its votes are waited for no more, ms.
    private long Length => _interval + (long)_rules.Timeout.TotalMilliseconds;

    // The votes of a location that has turned blind, in the rounds that are not over.
    private void Annul(int location, long now, MonitorWindows windows)
    {
        for (var slot = Rounds.SlotOf(now + (long)Ahead.TotalMilliseconds, _interval); Rounds.StartOf(slot, _interval) + Length > now; slot--)
        {
            if (_votes.Read(slot, location) is null)
                continue;
            _votes.Write(slot, location, null);
            if (slot < _nextToClose)
                Correct(slot, now, windows);
        }
    }

    // One that was never heard of is waited for as long as one that fell silent.
    private bool IsLive(int location, long now) =>
        !_locations[location].IsBlind && now - (_locations[location].LastDue ?? Rounds.StartOf(_first, _interval)) <= _rules.LiveFor.TotalMilliseconds;

    private void Vote(int location, long dueTime, CheckKind kind, Outcome outcome, long now, MonitorWindows windows)
    {
        if (!Put(location, dueTime, kind, outcome, now))
            return;
        var slot = Rounds.SlotOf(dueTime, _interval);
        if (slot < _nextToClose)
            Correct(slot, now, windows);
        else
            Advance(now, windows);
    }

    // A first check votes until the check of the grid does.
    private bool Put(int location, long dueTime, CheckKind kind, Outcome outcome, long now)
    {
        var slot = Rounds.SlotOf(dueTime, _interval);
        if (slot <= Rounds.SlotOf(now, _interval) - _votes.Length || (_follows && _nextToClose is not null && slot < _first))
            return false;
        if (kind == CheckKind.First && _votes.Has(slot, location))
            return false;
        _votes.Write(slot, location, _blind.WasBlind(_locations[location].Pool, dueTime, Rounds.StartOf(slot, _interval) + Length) ? null : outcome);
        if (_nextToClose is null)
            (_nextToClose, _first) = (slot, slot);
        return true;
    }

    private void Close(long slot, long now, MonitorWindows windows)
    {
        var outcome = OutcomeOfLoaded();
        Count(slot, outcome, now, windows);
        if (outcome is { } known)
            Streak = Streak.After(known, _rules.FailureThreshold, _rules.SuccessThreshold);
    }

    private void Correct(long slot, long now, MonitorWindows windows)
    {
        Load(slot);
        Count(slot, OutcomeOfLoaded(), now, windows);
    }

    private void Count(long slot, Outcome? outcome, long now, MonitorWindows windows)
    {
        var counted = outcome switch
        {
            null => RoundCount.Unknown,
            Outcome.Ok => RoundCount.Good,
            _ => RoundCount.Bad,
        };
        var before = _votes.ReadCount(slot);
        if (counted == before)
            return;
        _votes.WriteCount(slot, counted);
        var (good, bad) = (Is(counted, RoundCount.Good) - Is(before, RoundCount.Good), Is(counted, RoundCount.Bad) - Is(before, RoundCount.Bad));
        if (good != 0 || bad != 0)
            windows.RecordUptime(now, Rounds.StartOf(slot, _interval), good, bad);
    }

    private Outcome? OutcomeOfLoaded()
    {
        // Every vote that is there counts: those of the blind are not.
        Array.Fill(_flags, true);
        return Rounds.OutcomeOf(_round, _flags, _rules.Quorum);
    }

    private void Load(long slot)
    {
        for (var i = 0; i < _round.Length; i++)
            _round[i] = _votes.Read(slot, i);
    }

    private static int Is(RoundCount count, RoundCount what) => count == what ? 1 : 0;
}
