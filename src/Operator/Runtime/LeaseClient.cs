using System.Net;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>What came of a try to get or keep the lease.</summary>
internal enum LeaseTry
{
    /// <summary>It is ours, and was renewed.</summary>
    Held,

    /// <summary>Another process holds it, or was faster.</summary>
    Refused,

    /// <summary>The API server gave no answer that says anything.</summary>
    Unknown,
}

/// <summary>
/// One Lease, taken and renewed as client-go does: a holder counts as gone when its record has not changed for the lease's duration on this
/// machine's monotonic clock. No time that another machine wrote is ever compared with one of this machine. Used by one loop alone.
/// </summary>
internal sealed class LeaseClient(KubernetesApi api, LeaderElectionOptions options, TimeProvider time)
{
    private static readonly ResourceDefinition Leases = ResourceDefinition.Of<V1Lease>();

    private LeaseRecord? _seen;
    private long _seenAt;
    private int? _ownTransitions;

    /// <summary>Who held it when it was last seen; empty where nobody did, null where it was never seen.</summary>
    public string? Holder => _seen?.Holder;

    /// <summary>How often it went from one holder to another.</summary>
    public int Transitions => _seen?.Transitions ?? 0;

    /// <summary>Why the last try was <see cref="LeaseTry.Unknown"/>; null where it was not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether another process held it since this one did.</summary>
    public bool WasTaken => _ownTransitions is { } own && _seen is { } seen
        && (seen.Holder.Length > 0 ? seen.Holder != options.Identity : seen.Transitions > own);

    /// <summary>That it held the lease once is forgotten: a candidate like any other.</summary>
    public void StandAgain() => _ownTransitions = null;

    /// <summary>Takes the lease where it is free, or renews it where it is ours.</summary>
    public async Task<LeaseTry> TryAsync(CancellationToken cancellationToken)
    {
        // Half the deadline: one answer that never comes leaves time for another try.
        using var limit = new CancellationTokenSource(options.RenewDeadline / 2, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var got = await TakeOrRenewAsync(either.Token);
            Problem = null;
            return got;
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.Conflict)
        {
            Problem = null;
            return LeaseTry.Refused; // Somebody wrote it since it was read: the next look tells who.
        }
        catch (KubernetesApiException e)
        {
            Problem = e.Status == HttpStatusCode.Forbidden
                ? $"The Lease {options.Lease} may not be used: {e.Message}. config/rbac has the role."
                : $"The Lease {options.Lease} cannot be renewed: {e.Message}.";
            return LeaseTry.Unknown;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Problem = $"The Lease {options.Lease} cannot be renewed: the API server does not answer.";
            return LeaseTry.Unknown;
        }
    }

    /// <summary>Gives the lease up where it is ours. Never throws: who waits for it gets it a little later then.</summary>
    public async Task ReleaseAsync()
    {
        using var limit = new CancellationTokenSource(options.RetryPeriod, time);
        try
        {
            await LookAsync(limit.Token);
            if (_seen is { } lease && lease.Holder == options.Identity)
                await WriteAsync(HttpMethod.Put, Leases.Path(options.Lease), lease.Released(time.GetUtcNow()), limit.Token);
        }
        catch (Exception e) when (e is KubernetesApiException or OperationCanceledException)
        {
            Problem = e.Message;
        }
    }

    private async Task<LeaseTry> TakeOrRenewAsync(CancellationToken cancellationToken)
    {
        await LookAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (_seen is not { } lease)
        {
            await WriteAsync(HttpMethod.Post, Leases.CollectionPath(options.Lease.Namespace), LeaseRecord.New(options.Lease, options.Identity, options.LeaseDuration, now), cancellationToken);
            return Hold();
        }
        // Whoever held it once and finds it another's, or free after another, has lost it for good.
        if (WasTaken || (lease.Holder.Length > 0 && lease.Holder != options.Identity && time.GetElapsedTime(_seenAt) < lease.Duration))
            return LeaseTry.Refused;
        await WriteAsync(HttpMethod.Put, Leases.Path(options.Lease), lease.HeldBy(options.Identity, options.LeaseDuration, now), cancellationToken);
        return Hold();
    }

    private LeaseTry Hold()
    {
        _ownTransitions = Transitions;
        return LeaseTry.Held;
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            See(LeaseRecord.Read(await api.ReadAsync(HttpMethod.Get, Leases.Path(options.Lease), null, KubernetesApi.Json, cancellationToken)));
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            _seen = null;
        }
    }

    private async Task WriteAsync(HttpMethod method, string path, string body, CancellationToken cancellationToken) =>
        See(LeaseRecord.Read(await api.ReadAsync(method, path, body, KubernetesApi.Json, cancellationToken)));

    private void See(LeaseRecord lease)
    {
        if (_seen is { } before && before.Version == lease.Version)
            return;
        _seen = lease;
        _seenAt = time.GetTimestamp();
    }
}
