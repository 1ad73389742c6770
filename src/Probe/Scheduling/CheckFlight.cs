using System.Runtime.CompilerServices;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Scheduling;

/// <summary>
/// One running check. It starts on the thread pool, so that work done before the first await never holds up the loop, and it is used
/// again for another check, so that the scheduler allocates nothing for one.
/// </summary>
internal sealed class CheckFlight : IThreadPoolWorkItem
{
    private readonly CheckScheduler _scheduler;
    private readonly Action _onCompleted;
    private ConfiguredValueTaskAwaitable<CheckResult>.ConfiguredValueTaskAwaiter _awaiter;

    public CheckFlight(CheckScheduler scheduler)
    {
        _scheduler = scheduler;
        _onCompleted = Land;
    }

    public Slot? Slot { get; private set; }
    public Assignment? Assignment { get; private set; }
    public long DueTime { get; private set; }
    public CheckKind Kind { get; private set; }

    /// <summary>Sets what to run; then queue it.</summary>
    public void Board(Slot slot, long dueTime, CheckKind kind)
    {
        Slot = slot;
        Assignment = slot.Assignment;
        DueTime = dueTime;
        Kind = kind;
    }

    /// <summary>Lets go of what was run: an assignment that is not held any more must not live on in a flight that waits.</summary>
    public void Leave() => (Slot, Assignment) = (null, null);

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
#pragma warning disable CA2012 // Consumed once, in Land; the awaiter is kept in a field so that nothing is allocated to wait for it.
            _awaiter = _scheduler.Start(this).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception e)
        {
            _scheduler.Ended(this, null, e);
            return;
        }
        // A copy: once it is told whom to call, the flight may be on another check.
        var waiting = _awaiter;
        if (waiting.IsCompleted)
            Land();
        else
            waiting.UnsafeOnCompleted(_onCompleted);
    }

    private void Land()
    {
        CheckResult? result = null;
        Exception? failure = null;
        try
        {
            result = _awaiter.GetResult();
        }
        catch (Exception e)
        {
            failure = e;
        }
        _awaiter = default;
        _scheduler.Ended(this, result, failure);
    }
}
