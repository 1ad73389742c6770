using System.Collections.Concurrent;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Tests.Dispatch;

/// <summary>Secrets that a test sets, breaks and holds back.</summary>
internal sealed class ScriptedSecrets : ISecretSource
{
    private int _asked;

    public ConcurrentDictionary<(string, SecretRef), string> Values { get; } = new();

    public bool Broken { get; set; }

    /// <summary>Nothing is answered before this is complete; null: at once.</summary>
    public TaskCompletionSource? Frozen { get; set; }

    public int Asked => _asked;

    public async ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        if (Frozen is { } frozen)
            await frozen.Task.WaitAsync(cancellationToken);
        return Broken ? throw new SecretUnavailableException("the API server is away") : Values.GetValueOrDefault((ns, secret));
    }
}
