using System.Runtime.CompilerServices;
using HealthTrack.Core.Ports;
using HealthTrack.Operator.Controllers;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Entities;

/// <summary>
/// The monitors that a Kubernetes API server holds. The controller that feeds it runs as a hosted service of its own. Watched once in its life.
/// </summary>
internal sealed class KubernetesMonitorSource(ServiceMonitorController controller, EntityControllerService<V1Alpha1ServiceMonitor> service) : IMonitorSource
{
    /// <inheritdoc/>
    public string? Problem => service.Problem;

    /// <inheritdoc/>
    public async IAsyncEnumerable<MonitorEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var synced = SayWhenSyncedAsync(cancellationToken);
        await foreach (var said in controller.Events.ReadAllAsync(cancellationToken))
            yield return said;
        await synced;
    }

    private async Task SayWhenSyncedAsync(CancellationToken cancellationToken)
    {
        await service.FirstReconciled.WaitAsync(cancellationToken);
        await controller.SayAllSaidAsync(cancellationToken);
    }
}
