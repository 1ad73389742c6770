using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Ports;

/// <summary>Where monitors are declared: a Kubernetes API server, a folder of manifests, the demo.</summary>
public interface IMonitorSource
{
    /// <summary>
    /// The declarations that exist, then <see cref="MonitorsSynced"/>, then every change. Ends only when
    /// <paramref name="cancellationToken"/> is cancelled; what the source reads being away is the source's to wait out, and to say through
    /// its health check. The same declaration may come again.
    /// </summary>
    IAsyncEnumerable<MonitorEvent> WatchAsync(CancellationToken cancellationToken);

    /// <summary>Why what the source says may be behind what is declared, one sentence for /readyz; null while it is not.</summary>
    string? Problem => null;
}

/// <summary>One thing that a source says.</summary>
public abstract record MonitorEvent;

/// <summary>A monitor is declared, for the first time or anew.</summary>
/// <param name="Declaration">What it says now.</param>
public sealed record MonitorDeclared(MonitorDeclaration Declaration) : MonitorEvent;

/// <summary>A monitor is declared no more.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Uid">The incarnation that went.</param>
public sealed record MonitorRemoved(MonitorKey Key, string Uid) : MonitorEvent;

/// <summary>All that existed when the watch began has been said.</summary>
public sealed record MonitorsSynced : MonitorEvent;
