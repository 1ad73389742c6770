using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Checkers;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe.Scheduling;

/// <summary>Makes one check.</summary>
internal delegate ValueTask<CheckResult> RunCheck(Assignment assignment, CheckMoment moment, CancellationToken cancellationToken);

/// <summary>
/// All monitors of a worker on one loop. Each has one entry in a queue ordered by time; a tick every few ms starts what is due. Due times
/// follow the wall clock (they are named in results and shared by workers); after a jump or a pause only the latest due time of a monitor
/// is run and the ones before are missed.
/// </summary>
internal sealed class CheckScheduler(
    RunCheck run, Action<Assignment> release, Action<CheckResult> sink, string worker, int maxInFlight, TimeProvider time, ProbeMetrics metrics, ILogger<CheckScheduler> logger)
    : IDisposable
{
    /// <summary>A tick of 1 ms would cost a third of a core, and one of 10 ms be seen in the lateness.</summary>
    public static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(8);

    // Less is slewing, which due times follow without help.
    private const long SetBackMs = 1_000;

    private readonly Lock _gate = new();
    private readonly DueQueue _queue = new();
    private readonly List<CheckFlight> _starting = [];
    // As many as ever were under way at once: of ten thousand monitors that is a handful.
    private readonly Stack<CheckFlight> _landed = [];
    private readonly Dictionary<Assignment, int> _flying = new(ReferenceEqualityComparer.Instance);
    private readonly LagHistogram _lag = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastNow;
    private int _inFlight;
    private long _missed;
    private bool _stopped;

    /// <summary>Checks that are running, manual ones included.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Due times that were not run, since the start.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>Assignments held.</summary>
    public int Assigned
    {
        get
        {
            lock (_gate)
                return _queue.Count;
        }
    }

    /// <summary>99th percentile of the lateness of checks started since it was last taken, ms.</summary>
    public double TakeLagP99() => _lag.TakeP99();

    /// <summary>Ticks until stopped. Checks in flight go on: <see cref="DrainAsync"/> waits for them.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TickEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
                Tick();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The way to stop.
        }
        lock (_gate)
            _stopped = true;
    }

    /// <summary>Waits for the checks in flight, then gives those up that are left: they make no result.</summary>
    /// <returns>How many were given up.</returns>
    public async Task<int> DrainAsync(TimeSpan limit)
    {
        lock (_gate)
        {
            _stopped = true;
            if (_inFlight == 0)
                return 0;
        }
        if (await EndsWithinAsync(limit).ConfigureAwait(false))
            return 0;
        var left = InFlight;
        await _abandon.CancelAsync().ConfigureAwait(false);
        // A checker that is cancelled ends at once; one that does not must not keep the process.
        await EndsWithinAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        return left;
    }

    private async Task<bool> EndsWithinAsync(TimeSpan limit)
    {
        try
        {
            await _drained.Task.WaitAsync(limit, time, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Takes what is checked from now on. Checks in flight of a replaced assignment end under their own generation.</summary>
    public void Apply(AssignmentsChanged change)
    {
        var now = Now();
        Assignment[] idle;
        lock (_gate)
            // Those that are being checked are let go when that ends.
            idle = [.. _queue.Apply(change, now).Where(a => !_flying.ContainsKey(a))];
        foreach (var assignment in idle)
            release(assignment);
    }

    /// <summary>Makes a manual check at once, also while a scheduled one is running.</summary>
    /// <returns>False where the assignment is not held, or too many checks are running.</returns>
    public bool RunNow(RunNow request)
    {
        CheckFlight flight;
        lock (_gate)
        {
            if (_stopped || _queue.Find(request.Id) is not { } slot || _inFlight >= maxInFlight)
                return false;
            flight = TakeOff(slot, request.DueTime, CheckKind.Manual);
        }
        ThreadPool.UnsafeQueueUserWorkItem(flight, preferLocal: false);
        return true;
    }

    /// <summary>Starts what is due.</summary>
    internal void Tick()
    {
        var now = Now();
        lock (_gate)
        {
            if (_stopped)
                return;
            if (now < _lastNow - SetBackMs)
            {
                Log.ClockSetBack(logger, _lastNow - now);
                _queue.SetBack(now);
            }
            _lastNow = now;
            // After a pause thousands are due at once: they are spread over about a second. In ordinary times no tick comes near this.
            var most = 64 + _queue.Count / 64;
            while (_starting.Count < most && _queue.TakeDue(now) is { } slot)
                TakeDue(slot, now);
        }
        foreach (var flight in _starting)
            ThreadPool.UnsafeQueueUserWorkItem(flight, preferLocal: false);
        _starting.Clear();
    }

    private void TakeDue(Slot slot, long now)
    {
        var kind = slot.FirstPending ? CheckKind.First : CheckKind.Scheduled;
        var due = slot.NextDue;
        if (slot.FirstPending)
        {
            // A millisecond on where a due time of the generation before was this very instant: results are told apart by it.
            due = now == slot.LastDue ? now + 1 : now;
        }
        else
        {
            var passed = DueTimes.CountBetween(slot.Phase, slot.IntervalMs, due, now);
            if (passed > 0)
            {
                due += passed * slot.IntervalMs;
                Miss(passed);
            }
        }
        _queue.Ran(slot, due);
        if (slot.Running)
        {
            Miss(1);
            return;
        }
        if (_inFlight >= maxInFlight)
        {
            Miss(1);
            metrics.Refused();
            return;
        }
        slot.Running = true;
        _starting.Add(TakeOff(slot, due, kind));
    }

    /// <summary>Runs on the thread pool, when the check really starts.</summary>
    internal ValueTask<CheckResult> Start(CheckFlight flight)
    {
        var now = time.GetUtcNow();
        var startedAt = now.ToUnixTimeMilliseconds();
        if (flight.Kind == CheckKind.Scheduled)
        {
            var late = Math.Max(0, (now.Ticks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond - flight.DueTime * 1000);
            _lag.Record(late);
            metrics.Started(late / 1e6);
        }
        return run(flight.Assignment!, new CheckMoment(flight.DueTime, startedAt, flight.Kind, worker), _abandon.Token);
    }

    /// <summary>The one place where a checker's bug ends: logged, counted as missed, and the loop goes on.</summary>
    internal void Ended(CheckFlight flight, CheckResult? result, Exception? failure)
    {
        try
        {
            if (result is not null)
            {
                metrics.Ended(result.Outcome);
                sink(result);
            }
            else if (!(failure is OperationCanceledException && _abandon.IsCancellationRequested))
            {
                Miss(1);
                Log.CheckThrew(logger, failure!, flight.Assignment!.Key);
            }
        }
        finally
        {
            // The flight may be on another check once the lock is left.
            var assignment = flight.Assignment!;
            bool last;
            lock (_gate)
            {
                last = Land(assignment);
                if (flight.Kind != CheckKind.Manual)
                    flight.Slot!.Running = false;
                _inFlight--;
                flight.Leave();
                _landed.Push(flight);
                if (_stopped && _inFlight == 0)
                    _drained.TrySetResult();
            }
            if (last)
                release(assignment);
        }
    }

    private CheckFlight TakeOff(Slot slot, long due, CheckKind kind)
    {
        if (!_landed.TryPop(out var flight))
            flight = new CheckFlight(this);
        flight.Board(slot, due, kind);
        _inFlight++;
        _flying[slot.Assignment] = _flying.GetValueOrDefault(slot.Assignment) + 1;
        return flight;
    }

    /// <returns>True where this was the last check of an assignment that is not held any more.</returns>
    private bool Land(Assignment assignment)
    {
        var left = _flying[assignment] - 1;
        if (left > 0)
        {
            _flying[assignment] = left;
            return false;
        }
        _flying.Remove(assignment);
        return !_queue.Holds(assignment);
    }

    private void Miss(long count)
    {
        Interlocked.Add(ref _missed, count);
        metrics.Missed(count);
    }

    public void Dispose() => _abandon.Dispose();

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
