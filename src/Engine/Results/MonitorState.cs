using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Results;

/// <summary>Everything that is known of one monitor now: what is declared, the windows, the streak, the health. Thread-safe.</summary>
internal sealed class MonitorState
{
    private readonly Lock _gate = new();
    private readonly ConditionSet _conditions = new();
    private readonly CheckCounters _counters = new();
    private readonly HealthTurns _turns;
    private readonly BlindTimes? _blind;
    private MonitorDeclaration _declaration;
    private Monitor? _monitor;
    private StoredMonitor _stored;
    private MonitorWindows? _windows;
    private Streak _streak;
    // Null where one location checks: then a round is the result itself.
    private RoundTracker? _rounds;
    // Recorded since the window became another: it waits for its samples. Null where it does not.
    private HashSet<CheckId>? _sinceResized;
    private CheckResult? _last;
    private CertificateFacts? _certificate;
    private HealthVerdict _verdict;
    private long _healthSince;
    private SecretProblem? _secrets;
    private MissingObjects _missing;
    // By something whose caller does not store marks; the next look at the clock says so.
    private bool _markChanged;
    private PlacementProblem? _placement;

    /// <summary>A monitor without results.</summary>
    /// <param name="stored">Its row in the store, with its id.</param>
    /// <param name="declaration">What is declared.</param>
    /// <param name="monitor">The monitor in force: the declared one, or the last that was valid; null where none ever was.</param>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="blind">When locations were blind; null: never.</param>
    public MonitorState(StoredMonitor stored, MonitorDeclaration declaration, Monitor? monitor, long now, BlindTimes? blind = null)
    {
        _blind = blind;
        _stored = stored;
        _declaration = declaration;
        _healthSince = now;
        _turns = new HealthTurns(stored.Health?.Health ?? nameof(Health.Unknown));
        _streak = new Streak(
            stored.Health?.Unhealthy ?? false, 0, 0, 0, Passed: stored.Health?.Health is nameof(Core.Sre.Health.Healthy) or nameof(Core.Sre.Health.Degraded));
        PutInForce(monitor);
        Evaluate(now, restoring: true);
    }

    /// <summary>The API's <c>service_id</c>.</summary>
    public long Id => _stored.Id;

    /// <summary>Namespace and name.</summary>
    public MonitorKey Key => _stored.Key;

    /// <summary>The monitor in force; null where none ever was valid.</summary>
    public Monitor? Monitor => Volatile.Read(ref _monitor);

    /// <summary>Its row in the store, but for the health mark.</summary>
    public StoredMonitor Stored => Volatile.Read(ref _stored);

    /// <summary>The health last derived.</summary>
    public Health Health
    {
        get
        {
            lock (_gate)
                return _verdict.Health;
        }
    }

    /// <summary>Whether a result of the generation in force is known.</summary>
    public bool HasResultOfGeneration
    {
        get
        {
            lock (_gate)
                return _monitor is not null && _last is not null && _last.Generation >= _monitor.Generation;
        }
    }

    /// <summary>Puts a changed declaration in force. Windows, streak and last check begin anew where <see cref="StoredMonitor.CountsFrom"/> changed.</summary>
    /// <returns>Whether the health mark changed.</returns>
    public bool Declare(StoredMonitor stored, MonitorDeclaration declaration, Monitor? monitor, long now)
    {
        lock (_gate)
        {
            var anew = stored.CountsFrom != _stored.CountsFrom;
            _stored = stored;
            _declaration = declaration;
            if (anew)
            {
                _windows = null;
                _rounds = null;
                _streak = default;
                _last = null;
                _certificate = null;
            }
            PutInForce(monitor);
            return Evaluate(now);
        }
    }

    /// <summary>Takes in what the store remembers, before any result of this life is recorded.</summary>
    public void Rebuild(MonitorHistory history, long now)
    {
        lock (_gate)
        {
            if (_monitor is null || _windows is null)
                return;
            history.Fill(_windows, now);
            _rounds?.Rebuild(history.Votes.Select(v => (v.Location, v.DueTime, v.Kind, v.Outcome)), now, _windows);
            foreach (var newest in history.Newest)
                _rounds?.Recall(newest);
            foreach (var sample in _rounds is null ? history.Tail : [])
                _streak = _streak.After(sample.Outcome, _monitor.Spec.FailureThreshold, _monitor.Spec.SuccessThreshold);
            _last = history.Last;
            _certificate = history.Last?.Certificate;
            Evaluate(now, restoring: true);
        }
    }

    /// <summary>Takes samples into a window that has just become longer or shorter.</summary>
    public void Refill(IReadOnlyList<StoredSample> samples, long now)
    {
        lock (_gate)
        {
            if (_windows is null)
                return;
            // Results that came in since the window became another are in it already. Two locations may have one due time.
            foreach (var sample in samples.Where(s => _sinceResized?.Contains(new CheckId(_stored.Uid, s.Location, s.DueTime)) != true))
                _windows.RecordSample(now, sample.DueTime, sample.LatencyMicros, sample.Outcome, sample.Kind, sample.CountsInLatency);
            _sinceResized = null;
            _markChanged |= Evaluate(now);
        }
    }

    /// <summary>Folds one stored result into windows, streak and health.</summary>
    /// <returns>Whether the health mark changed.</returns>
    public bool Record(CheckResult result, long now)
    {
        lock (_gate)
        {
            if (result.Kind != CheckKind.Manual)
                _counters.Count(result);
            if (_monitor is null || _windows is null
                || result.DueTime < _stored.CountsFrom || result.Generation < _stored.CountsFromGeneration)
                return false; // Of another target, or of an incarnation that was deleted: history, not health.

            _sinceResized?.Add(result.Id);
            if (_rounds is not null)
                return RecordVote(_rounds, _windows, result, now);
            _windows.Record(now, result.DueTime, result.LatencyMicros, result.Outcome, result.Kind, result.CountsInLatency);
            // A late result changes the windows, never the present health.
            if (_last is not null && result.DueTime < _last.DueTime)
                return false;
            _last = result;
            _certificate = result.Certificate ?? (result.Outcome == Outcome.Down ? _certificate : null);
            _streak = _streak.After(result.Outcome, _monitor.Spec.FailureThreshold, _monitor.Spec.SuccessThreshold);
            return Evaluate(now);
        }
    }

    /// <summary>Whether a result is in the metrics window already.</summary>
    public bool Holds(CheckId id)
    {
        lock (_gate)
        {
            return _windows is not null && _windows.Holds(id.DueTime)
                && (_rounds is null || (_rounds.IndexOf(id.Location) is >= 0 and var location && _rounds.HasVoted(location, id.DueTime)));
        }
    }

    /// <summary>Says which locations have lost their own network; of use where several check.</summary>
    /// <returns>Whether the health mark changed.</returns>
    public bool SetBlind(IReadOnlySet<string> pools, long now)
    {
        lock (_gate)
        {
            return _rounds is not null && _windows is not null && _rounds.SetBlind(pools, now, _windows) && Evaluate(now);
        }
    }

    /// <summary>What each of several locations saw last, of those that reported lately; nothing where one location checks.</summary>
    public IReadOnlyList<Sighting> Sightings(long now)
    {
        lock (_gate)
        {
            if (_rounds is null || _monitor is null)
                return [];
            var limit = HealthEvaluator.UnknownAfter(_monitor.Spec.Interval).TotalMilliseconds;
            return [.. _rounds.Locations.Where(l => now - l.LastDue <= limit).Select(l => new Sighting(_monitor.Uid, l.Pool, l.LastOutcome!.Value))];
        }
    }

    /// <summary>Says why it cannot be checked with the secrets that the spec names; null where it can.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool SetSecretProblem(SecretProblem? problem, long now)
    {
        lock (_gate)
        {
            if (_secrets == problem)
                return false;
            _secrets = problem;
            _markChanged |= Evaluate(now);
            return true;
        }
    }

    /// <summary>Says what the spec names and does not exist.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool SetMissing(MissingObjects missing, long now)
    {
        lock (_gate)
        {
            if (_missing == missing)
                return false;
            _missing = missing;
            _markChanged |= Evaluate(now);
            return true;
        }
    }

    /// <summary>Says why no worker checks it at one of its locations; null where there is one everywhere.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool SetPlacementProblem(PlacementProblem? problem, long now)
    {
        lock (_gate)
        {
            if (_placement == problem)
                return false;
            _placement = problem;
            _markChanged |= Evaluate(now);
            return true;
        }
    }

    /// <summary>Derives health from the clock alone: silence, samples that left the window, a certificate that nears its end.</summary>
    /// <returns>Whether the health mark changed, by that or since the last time by something that says nothing of it.</returns>
    public bool Reevaluate(long now)
    {
        lock (_gate)
        {
            var changed = Evaluate(now) | _markChanged;
            _markChanged = false;
            return changed;
        }
    }

    /// <summary>All of it at one instant.</summary>
    public MonitorSnapshot Snapshot(long now)
    {
        lock (_gate)
        {
            return new MonitorSnapshot
            {
                Id = Id,
                Key = Key,
                Declaration = _declaration,
                Monitor = _monitor,
                Verdict = _verdict,
                HealthSince = _healthSince,
                Streak = _streak,
                Last = _last,
                Certificate = _certificate,
                Window = _windows?.Summarize(now) ?? default,
                UptimePercent = _windows?.UptimePercent(now),
                Conditions = _conditions.All,
                Counters = _counters.Copy(),
                Locations = LocationViews.Of(_monitor, _rounds, _last, _verdict.Health, now),
            };
        }
    }

    /// <summary>What a restart must know, and how health turned since the last time.</summary>
    public UnsavedHealth Mark()
    {
        lock (_gate)
        {
            _turns.Note(_stored, _verdict, _healthSince);
            return new UnsavedHealth(new HealthMark(Id, _streak.Unhealthy, _verdict.Health.ToString(), _healthSince), _turns.Unsaved, _turns.TakeDropped());
        }
    }

    /// <summary>The store has these turns of health.</summary>
    public void Marked(UnsavedHealth saved)
    {
        lock (_gate)
            _turns.Saved(saved.Changes);
    }

    // A result of one of several locations is a vote; its latency counts by itself. A pool that is not in the spec any more has no say.
    private bool RecordVote(RoundTracker rounds, MonitorWindows windows, CheckResult result, long now)
    {
        if (rounds.IndexOf(result.Location) is not (>= 0 and var location))
            return false;
        windows.RecordSample(now, result.DueTime, result.LatencyMicros, result.Outcome, result.Kind, result.CountsInLatency);
        rounds.Take(location, result, now, windows);
        if (_last is null || result.DueTime >= _last.DueTime)
        {
            _last = result;
            _certificate = result.Certificate ?? (result.Outcome == Outcome.Down ? _certificate : null);
        }
        return Evaluate(now);
    }

    private void PutInForce(Monitor? monitor)
    {
        var before = _monitor;
        _monitor = monitor;
        if (monitor is null)
        {
            _windows = null;
            _rounds = null;
            return;
        }
        _rounds = LocationViews.RoundsOf(monitor, _rounds, before, _streak, _blind, _windows is not null);
        var resized = before is not null && before.Spec.Window != monitor.Spec.Window;
        if (resized)
            _sinceResized = [];
        if (_windows is null)
            _windows = new MonitorWindows(monitor.Spec.Window, monitor.Spec.ApdexThreshold);
        else if (resized)
            _windows = _windows.Resized(monitor.Spec.Window, monitor.Spec.ApdexThreshold);
        else
            _windows.SetApdexThreshold(monitor.Spec.ApdexThreshold);
    }

    private bool Evaluate(long now, bool restoring = false)
    {
        var before = (_verdict.Health, _streak.Unhealthy);
        if (_rounds is not null && _windows is not null)
        {
            _rounds.Advance(now, _windows);
            _streak = _rounds.Streak;
        }
        _verdict = Derive(now);
        _conditions.Update(_declaration, _monitor is not null, _secrets, _missing, _placement, _verdict, now);
        if (restoring && _stored.Health is { } mark && mark.Health == _verdict.Health.ToString())
            _healthSince = mark.Since;
        else if (_verdict.Health != before.Health)
            _healthSince = now;
        // While what is stored is taken in health is not yet what it is.
        if (!restoring)
            _turns.Note(_stored, _verdict, _healthSince);
        return before.Health != _verdict.Health || before.Unhealthy != _streak.Unhealthy;
    }

    private HealthVerdict Derive(long now) => _monitor is null ? ConditionSet.WithoutMonitor(_declaration) : HealthDerivation.At(now, new HealthFacts
    {
        Monitor = _monitor,
        Windows = _windows!,
        Rounds = _rounds,
        Last = _last,
        Streak = _streak,
        Certificate = _certificate,
        Secrets = _secrets,
        MissingPools = _missing.Pools,
        Placement = _placement,
    });
}
