using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Leadership;

/// <summary>
/// What every way to become the leader shares: it is won once and lost once. Whoever loses it stops acting first (<see cref="ILeadership.Lost"/>), and
/// then the whole process stops. Registered before all stages, so that it is the last to be told to stop: it leads until they have stopped.
/// </summary>
internal abstract class Candidate : BackgroundService, ILeadership
{
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _elected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _lost = new();
    private string? _lostBecause;
    private string? _problem;

    /// <param name="lifetime">Stopped when it is lost.</param>
    /// <param name="log">Says when it is won and lost.</param>
    protected Candidate(IHostApplicationLifetime lifetime, ILogger log)
    {
        (_lifetime, _log) = (lifetime, log);
        Lost = _lost.Token; // Asked for after this is disposed too.
    }

    /// <inheritdoc/>
    public Task Elected => _elected.Task;

    /// <inheritdoc/>
    public CancellationToken Lost { get; }

    /// <inheritdoc/>
    public abstract string? Leader { get; }

    /// <inheritdoc/>
    public string? Problem => Volatile.Read(ref _lostBecause) ?? Volatile.Read(ref _problem);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _lost.Dispose();
        base.Dispose();
    }

    /// <summary>Says what keeps it from its role; null: nothing.</summary>
    protected void Say(string? problem) => Volatile.Write(ref _problem, problem);

    /// <summary>It leads from now on.</summary>
    protected void Win()
    {
        if (_elected.TrySetResult())
            Log.Leads(_log);
    }

    /// <summary>It leads no more, or never can: all that acts is stopped, then the process.</summary>
    /// <param name="sentence">Why, for whoever looks after the program.</param>
    protected void Lose(string sentence)
    {
        if (Interlocked.CompareExchange(ref _lostBecause, sentence, null) is not null)
            return;
        _lost.Cancel();
        Log.LeadsNoMore(_log, sentence);
        _lifetime.StopApplication();
    }
}
