using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Leadership;

/// <summary>How the store stands to this process.</summary>
internal enum StoreHold
{
    /// <summary>It answers, and is this process' own.</summary>
    Ours,

    /// <summary>Another process took it over.</summary>
    Taken,

    /// <summary>It does not answer, so nobody here can know.</summary>
    Unknown,
}

/// <summary>
/// Makes the store this process' own: opens it, which brings its schema up to date, and raises its epoch where it has one. Only who leads does
/// that: a standby may be older or newer than the schema.
/// </summary>
internal sealed class StoreClaim(IResultStore store, IntakeProgress progress, PipelineMetrics metrics, TimeProvider time, ILogger<StoreClaim> log)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // One answer of a store that is frozen must not hold up whoever asks past the time that a lease lasts.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    private readonly ILeaderFence? _fence = store as ILeaderFence;
    private long _epoch;
    private bool _foundAway;

    /// <summary>Whether another process that takes the store over would be found out, and kept from writing.</summary>
    public bool IsFenced => _fence is not null;

    /// <summary>Tries once.</summary>
    /// <returns>False where the store is away.</returns>
    /// <exception cref="StoreRefusedException">Only a person can help.</exception>
    public async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await store.InitializeAsync(cancellationToken);
            if (_fence is not null)
            {
                _epoch = await _fence.RaiseLeaderEpochAsync(cancellationToken);
                Log.TookOver(log, _epoch);
            }
            Answered();
            return true;
        }
        catch (StoreUnavailableException e) when (e is not StoreRefusedException)
        {
            metrics.StoreAnswered(false);
            if (progress.Waiting(e.Message))
                Log.AwayAtStart(log, e.Message);
            return false;
        }
    }

    /// <summary>Tries until it has it.</summary>
    /// <exception cref="StoreRefusedException">Only a person can help.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!await TryAsync(cancellationToken))
                await Task.Delay(Retry, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // It is a standby again, which asks the store nothing and must not go on saying that it does not answer.
            Answered();
            throw;
        }
    }

    /// <summary>Whether it still has it.</summary>
    public async Task<StoreHold> LookAsync(CancellationToken cancellationToken)
    {
        var hold = await AskAsync(cancellationToken);
        // Results tell of the store as well, but not where few come. What they found, a store that takes no more say, an answer to this question does not mend.
        if (hold == StoreHold.Unknown)
            metrics.StoreAnswered(false);
        else if (_foundAway)
            metrics.StoreAnswered(true);
        _foundAway = hold == StoreHold.Unknown;
        return hold;
    }

    private async Task<StoreHold> AskAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            if (_fence is not null)
                return await _fence.ReadLeaderEpochAsync(either.Token).WaitAsync(either.Token) == _epoch ? StoreHold.Ours : StoreHold.Taken;
            return await store.IsAvailableAsync(either.Token).WaitAsync(either.Token) ? StoreHold.Ours : StoreHold.Unknown;
        }
        catch (StoreUnavailableException)
        {
            return StoreHold.Unknown;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return StoreHold.Unknown;
        }
    }

    private void Answered()
    {
        metrics.StoreAnswered(true);
        progress.Waiting(null);
    }
}
