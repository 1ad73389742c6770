using Microsoft.Extensions.Hosting;

namespace HealthTrack.Operator.Tests.Leading;

/// <summary>Knows whether the program was asked to stop.</summary>
internal sealed class StubLifetime : IHostApplicationLifetime
{
    public bool Stopped { get; private set; }

    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => CancellationToken.None;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => Stopped = true;
}
