namespace HealthTrack.Engine.Alerts;

/// <summary>The answer to a claim.</summary>
internal enum ClaimAnswer
{
    /// <summary>Ours to send, or nobody can tell.</summary>
    Taken,

    /// <summary>Another process is sending it, or was when it died.</summary>
    Held,

    /// <summary>It was sent.</summary>
    Done,
}

/// <summary>
/// What keeps replicas and restarts from sending one notification twice: a claim of 30 s before it is sent, remembered for 300 s once it was. Whoever cannot be asked
/// keeps nobody from sending: told twice is better than not at all.
/// </summary>
internal interface IDeliveryClaims
{
    /// <summary>Finds out whether it can be asked, for the metrics and /readyz. Never throws but when cancelled.</summary>
    ValueTask PingAsync(CancellationToken cancellationToken);

    /// <summary>Claims a delivery.</summary>
    ValueTask<ClaimAnswer> TakeAsync(string delivery, CancellationToken cancellationToken);

    /// <summary>It was sent.</summary>
    ValueTask ConfirmAsync(string delivery, CancellationToken cancellationToken);

    /// <summary>It was not sent: anybody may.</summary>
    ValueTask ReleaseAsync(string delivery, CancellationToken cancellationToken);
}

/// <summary>Within this process, where there is no Redis.</summary>
internal sealed class LocalDeliveryClaims(TimeProvider time) : IDeliveryClaims
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(300);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _sent = [];

    public ValueTask PingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask<ClaimAnswer> TakeAsync(string delivery, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var old in _sent.Where(s => time.GetElapsedTime(s.Value) > Remembered).Select(s => s.Key).ToList())
                _sent.Remove(old);
            return new(_sent.ContainsKey(delivery) ? ClaimAnswer.Done : ClaimAnswer.Taken);
        }
    }

    public ValueTask ConfirmAsync(string delivery, CancellationToken cancellationToken)
    {
        lock (_gate)
            _sent[delivery] = time.GetTimestamp();
        return ValueTask.CompletedTask;
    }

    public ValueTask ReleaseAsync(string delivery, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
