namespace HealthTrack.Engine.Intake;

/// <summary>How far the intake is, for /readyz and for those who wait for a monitor to appear. Thread-safe.</summary>
internal sealed class IntakeProgress
{
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _waitingFor;

    /// <summary>Completes when every source has said all that existed at the start.</summary>
    public Task FirstSync => _synced.Task;

    /// <summary>Why the intake waits for the store; null while it does not.</summary>
    public string? StoreProblem => Volatile.Read(ref _waitingFor);

    /// <summary>All sources are synced.</summary>
    public void Synced() => _synced.TrySetResult();

    /// <summary>Says what the intake waits for; returns whether that is new.</summary>
    public bool Waiting(string? problem) => Interlocked.Exchange(ref _waitingFor, problem) is null && problem is not null;
}
