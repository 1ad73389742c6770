namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Whether this process may write to the API server in the leader's name. Nothing there refuses an old leader, as the store does: whoever writes asks right
/// before each write.
/// </summary>
internal interface ILeaseHold
{
    /// <summary>True while its lease cannot have gone to another: renewed within the renew deadline, on this machine's monotonic clock.</summary>
    bool IsHeld { get; }
}

/// <summary>Where nobody is elected, no lease is needed.</summary>
internal sealed class NoLeaseNeeded : ILeaseHold
{
    /// <inheritdoc/>
    public bool IsHeld => true;
}
