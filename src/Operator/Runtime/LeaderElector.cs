using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Operator.Runtime;

/// <summary>
/// One leader among the operators of a cluster: who holds the Lease makes the store its own, and leads. A leader that cannot renew, because the API server
/// is away, goes on storing and alerting for as long as the store says that no other has taken over; it writes no status then. It ends at once when the
/// lease or the store is another's, or when neither answers. It never leads twice.
/// </summary>
/// <remarks>
/// KubernetesClient's own elector is not used: it goes on renewing after it gave up, and has no epoch.
/// </remarks>
internal sealed class LeaderElector(
    LeaseClient lease, LeaderElectionOptions options, StoreClaim store, LeaderElectionMetrics metrics, TimeProvider time, IHostApplicationLifetime lifetime,
    ILogger<LeaderElector> log)
    : Candidate(lifetime, log), ILeaseHold
{
    // Whoever may write the Lease may write anything there; ours are shorter.
    private const int LongestName = 253;

    private long _renewedAt;
    private volatile bool _holds;
    private volatile string? _holder;

    /// <summary>Who holds the lease; null where nobody does, and while it is this process and does not lead yet.</summary>
    public override string? Leader => _holder is { } holder && (holder != options.Identity || Elected.IsCompleted) ? holder : null;

    /// <inheritdoc/>
    public bool IsHeld => _holds && !Lost.IsCancellationRequested && time.GetElapsedTime(Interlocked.Read(ref _renewedAt)) < options.RenewDeadline;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.Candidate(log, options.Identity, options.Lease);
        try
        {
            while (!Lost.IsCancellationRequested)
            {
                await AcquireAsync(stoppingToken);
                await HoldAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The stages have stopped.
        }
        catch (Exception e)
        {
            Log.ElectionBroke(log, e);
            Lose("A defect ended the election: the log has the details.");
        }
        // Not before the stages have stopped is another process to begin; then nobody needs to wait for the lease any more.
        await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _holds = false;
        metrics.Leads(false);
        await lease.ReleaseAsync();
    }

    private async Task AcquireAsync(CancellationToken stoppingToken)
    {
        lease.StandAgain();
        while (!await RenewAsync(stoppingToken))
            await PauseAsync(stoppingToken);
        Log.Acquired(log, options.Identity, options.Lease);
    }

    // Renews beside whatever the store takes. Ends when the lease is lost before the process led, and it is a candidate again; or with its leadership.
    private async Task HoldAsync(CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var claiming = store.TakeAsync(over.Token);
        try
        {
            while (!Lost.IsCancellationRequested)
            {
                var pause = PauseAsync(over.Token);
                await (Elected.IsCompleted ? pause : Task.WhenAny(claiming, pause));
                stoppingToken.ThrowIfCancellationRequested();
                if (claiming.IsFaulted)
                {
                    Lose(claiming.Exception!.InnerException is StoreRefusedException refused ? refused.Message : "A defect kept the store from being opened: the log says more.");
                    return;
                }
                if (claiming.IsCompletedSuccessfully && !Elected.IsCompleted)
                    Begin();
                if (!await GoOnAsync(stoppingToken))
                    return;
            }
        }
        finally
        {
            await over.CancelAsync();
            await claiming.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Begin()
    {
        metrics.Leads(true);
        Win();
    }

    // False: it holds the lease no more. What that means depends on whether it led.
    private async Task<bool> GoOnAsync(CancellationToken stoppingToken)
    {
        if (!Elected.IsCompleted)
            return await RenewAsync(stoppingToken) || (!lease.WasTaken && IsHeld);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var looking = store.LookAsync(over.Token);
        var renewing = RenewAsync(over.Token);
        // An API server that does not answer must not carry it past the deadline.
        var hold = store.IsFenced ? await looking : StoreHold.Ours;
        await Task.WhenAny(renewing, DeadlineAsync(over.Token));
        var reason = renewing.IsCompleted ? null : Reason(hold);
        if (reason is null)
        {
            await renewing;
            reason = Reason(await looking);
        }
        await over.CancelAsync();
        if (reason is null)
            return true;
        metrics.Leads(false);
        Lose(reason);
        await Task.WhenAll(looking, renewing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

    private string? Reason(StoreHold hold)
    {
        if (lease.WasTaken)
            return $"The Lease {options.Lease} was taken by another process{(lease.Holder is { Length: > 0 } holder ? $" ({holder})" : "")}: it leads now.";
        if (hold == StoreHold.Taken)
            return "Another process took the database over and leads now. Two clusters, or two Leases, must not share one database.";
        if (IsHeld)
            return null;
        if (!store.IsFenced)
            return $"The Lease {options.Lease} could not be renewed within {options.RenewDeadline.TotalSeconds:0} s, and the store cannot tell whether another process leads.";
        return hold == StoreHold.Unknown
            ? $"Neither the Lease {options.Lease} could be renewed nor the store be asked for {options.RenewDeadline.TotalSeconds:0} s: another process may lead."
            : null;
    }

    private async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        // Before it is asked: what the API server's answer takes is not ours.
        var asked = time.GetTimestamp();
        var got = await lease.TryAsync(cancellationToken);
        if (got == LeaseTry.Held)
        {
            Interlocked.Exchange(ref _renewedAt, asked);
            _holds = true;
        }
        else if (lease.WasTaken)
            _holds = false;
        _holder = lease.Holder is { Length: > 0 } holder ? holder[..Math.Min(holder.Length, LongestName)] : null;
        metrics.Transitions(lease.Transitions);
        Tell(lease.Problem);
        return got == LeaseTry.Held;
    }

    private void Tell(string? problem)
    {
        if (problem is not null && Problem is null)
            Log.CannotRenew(log, problem);
        Say(problem);
    }

    private TimeSpan LeftUntilDeadline => options.RenewDeadline - time.GetElapsedTime(Interlocked.Read(ref _renewedAt));

    private Task DeadlineAsync(CancellationToken cancellationToken) =>
        LeftUntilDeadline is { Ticks: > 0 } left ? Task.Delay(left, time, cancellationToken) : Task.CompletedTask;

    // From the upper half of the period, so that those who wait do not all ask at once; not past the deadline.
#pragma warning disable CA5394 // Jitter is no secret.
    private Task PauseAsync(CancellationToken cancellationToken)
    {
        var pause = options.RetryPeriod * (0.5 + (0.5 * Random.Shared.NextDouble()));
        return Task.Delay(_holds && LeftUntilDeadline is { Ticks: > 0 } left && left < pause ? left : pause, time, cancellationToken);
    }
#pragma warning restore CA5394
}
