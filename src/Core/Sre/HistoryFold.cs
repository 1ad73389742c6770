using System.Runtime.InteropServices;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Sre;

/// <summary>
/// Folds a monitor's samples, by ascending due time, into buckets of equal length that are aligned to the epoch. It holds the latencies of one bucket at
/// a time, so that a long past costs no more memory than its busiest bucket. Not thread-safe.
/// </summary>
public sealed class HistoryFold
{
    private readonly long _from;
    private readonly long _step;
    private readonly Tally[] _tallies;
    private readonly List<long> _latencies = [];
    private readonly DueGrid? _grid;
    private readonly RoundFold? _rounds;
    private int _current;

    /// <summary>Nothing yet.</summary>
    /// <param name="from">The start of the first bucket, a multiple of <paramref name="step"/>; ms since the Unix epoch.</param>
    /// <param name="until">The end of the past, exclusive: the last bucket ends there or later.</param>
    /// <param name="step">The length of a bucket, ms, positive.</param>
    /// <param name="monitor">Whose interval, locations and quorum hold; null where they are not known: then nothing is missed, and every result is a vote of its own.</param>
    /// <param name="dueFrom">From when on checks were due on the grid: nothing is missed before.</param>
    /// <param name="dueUntil">What is due from here on may still come: it is not missed.</param>
    public HistoryFold(long from, long until, long step, Monitor? monitor, long dueFrom, long dueUntil)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(step);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(until, from);
        ArgumentOutOfRangeException.ThrowIfNotEqual(from % step, 0);
        (_from, _step) = (from, step);
        _tallies = new Tally[(until - from + step - 1) / step];
        if (monitor is null)
            return;
        _grid = new DueGrid(monitor, dueFrom, Math.Min(until, dueUntil));
        if (monitor.Spec.Pools.Count > 1)
            _rounds = new RoundFold(monitor.Spec);
    }

    /// <summary>Takes in one result. Manual ones, and what lies outside, are left out.</summary>
    /// <param name="due">When it was due, not before the one before it.</param>
    /// <param name="latencyMicros">Its latency, µs.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="kind">Why it was made.</param>
    /// <param name="countsInLatency">Whether its latency says something of the target's speed.</param>
    /// <param name="location">Who made it.</param>
    public void Add(long due, long latencyMicros, Outcome outcome, CheckKind kind, bool countsInLatency, string location)
    {
        var at = (due - _from) / _step;
        if (kind == CheckKind.Manual || due < _from || at >= _tallies.Length)
            return;
        if (at != _current)
            Close((int)at);
        ref var tally = ref _tallies[at];
        tally.Count(outcome);
        if (kind == CheckKind.Scheduled && _grid?.Covers(due) == true)
            tally.OnGrid++;
        if (countsInLatency)
            _latencies.Add(latencyMicros);
        if (_rounds is null)
            tally.Vote(outcome);
        else if (_rounds.Add(due, outcome, location) is { } over)
            Vote(over);
    }

    /// <summary>All buckets, by ascending start, those without a result too.</summary>
    public IReadOnlyList<HistoryBucket> Buckets()
    {
        Close(_current);
        if (_rounds?.Close() is { } over)
            Vote(over);
        return [.. _tallies.Select((tally, i) => Bucket(tally, _from + i * _step))];
    }

    // A round belongs where its slot starts; the first one may have started before the past does.
    private void Vote((long SlotStart, Outcome Outcome) round) => _tallies[Math.Max(0, round.SlotStart - _from) / _step].Vote(round.Outcome);

    private void Close(int next)
    {
        if (_latencies.Count > 0)
            _tallies[_current].Measure(_latencies);
        _latencies.Clear();
        _current = next;
    }

    private HistoryBucket Bucket(in Tally tally, long start) => new()
    {
        Start = start,
        Ok = tally.Ok,
        Warn = tally.Warn,
        Error = tally.Error,
        Down = tally.Down,
        Unknown = Math.Max(0, (_grid?.DueIn(start, start + _step) ?? 0) - tally.OnGrid),
        UptimePercent = tally.Good + tally.Bad == 0 ? null : 100.0 * tally.Good / (tally.Good + tally.Bad),
        LatencySamples = tally.Samples,
        AverageLatencyMs = tally.Samples == 0 ? null : tally.Average,
        P50LatencyMs = tally.Samples == 0 ? null : tally.P50,
        P95LatencyMs = tally.Samples == 0 ? null : tally.P95,
        P99LatencyMs = tally.Samples == 0 ? null : tally.P99,
    };

    private struct Tally
    {
        public int Ok, Warn, Error, Down, OnGrid, Good, Bad, Samples;
        public double Average, P50, P95, P99;

        public void Count(Outcome outcome)
        {
            switch (outcome)
            {
                case Outcome.Ok:
                    Ok++;
                    break;
                case Outcome.Warn:
                    Warn++;
                    break;
                case Outcome.Error:
                    Error++;
                    break;
                default:
                    Down++;
                    break;
            }
        }

        public void Vote(Outcome outcome)
        {
            if (outcome == Outcome.Ok)
                Good++;
            else
                Bad++;
        }

        public void Measure(List<long> micros)
        {
            micros.Sort();
            Samples = micros.Count;
            Int128 sum = 0;
            foreach (var latency in CollectionsMarshal.AsSpan(micros))
                sum += latency;
            Average = (double)sum / Samples / 1000;
            (P50, P95, P99) = (Percentile(micros, 50), Percentile(micros, 95), Percentile(micros, 99));
        }

        // Nearest rank: x[ceil(p N)] of the sorted values, in integers.
        private static double Percentile(List<long> sorted, int percent) => sorted[(int)(((long)percent * sorted.Count + 99) / 100) - 1] / 1000.0;
    }

    // The due times of all locations in [from, until).
    private sealed class DueGrid(Monitor monitor, long from, long until)
    {
        private readonly long _interval = (long)monitor.Spec.Interval.TotalMilliseconds;
        private readonly long[] _phases = [.. monitor.Spec.Pools.Select(p => DueTimes.Phase(monitor.Uid, p, (long)monitor.Spec.Interval.TotalMilliseconds))];

        public bool Covers(long due) => due >= from && due < until;

        public int DueIn(long start, long end) => _phases.Sum(
            phase => (int)DueTimes.CountBetween(phase, _interval, Math.Max(start, from) - 1, Math.Min(end, until) - 1));
    }

    // The votes of the slot that is under way. A location that was blind then counts as one that sees: nobody wrote that down.
    private sealed class RoundFold(MonitorSpec spec)
    {
        private readonly long _interval = (long)spec.Interval.TotalMilliseconds;
        private readonly Outcome?[] _votes = new Outcome?[spec.Pools.Count];
        private readonly bool[] _live = [.. spec.Pools.Select(_ => true)];
        private long _slot = -1;

        public (long SlotStart, Outcome Outcome)? Add(long due, Outcome outcome, string location)
        {
            var slot = Rounds.SlotOf(due, _interval);
            var over = slot == _slot ? null : Close();
            _slot = slot;
            for (var i = 0; i < spec.Pools.Count; i++)
            {
                if (spec.Pools[i] == location)
                    _votes[i] = outcome;
            }
            return over;
        }

        public (long SlotStart, Outcome Outcome)? Close()
        {
            var outcome = _slot < 0 ? null : Rounds.OutcomeOf(_votes, _live, spec.Quorum);
            Array.Clear(_votes);
            return outcome is { } said ? (Rounds.StartOf(_slot, _interval), said) : null;
        }
    }
}
