using System.Threading.Channels;
using HealthTrack.Core.Ports;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Controllers;

/// <summary>Says what ServiceMonitors declare. Waits while the intake is slower than the API server.</summary>
internal sealed class ServiceMonitorController : IEntityController<V1Alpha1ServiceMonitor>
{
    private const int Ahead = 1000;

    private readonly Channel<MonitorEvent> _events = Channel.CreateBounded<MonitorEvent>(Ahead);

    /// <summary>What was said and not yet read, in order for each name.</summary>
    public ChannelReader<MonitorEvent> Events => _events.Reader;

    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1ServiceMonitor>> ReconcileAsync(V1Alpha1ServiceMonitor entity, CancellationToken cancellationToken)
    {
        await _events.Writer.WriteAsync(new MonitorDeclared(entity.ToDeclaration()), cancellationToken);
        return ReconciliationResult<V1Alpha1ServiceMonitor>.Success(entity);
    }

    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1ServiceMonitor>> DeletedAsync(V1Alpha1ServiceMonitor entity, CancellationToken cancellationToken)
    {
        await _events.Writer.WriteAsync(new MonitorRemoved(entity.Key, entity.Metadata.Uid), cancellationToken);
        return ReconciliationResult<V1Alpha1ServiceMonitor>.Success(entity);
    }

    /// <summary>Says that all that existed has been said.</summary>
    public async Task SayAllSaidAsync(CancellationToken cancellationToken) => await _events.Writer.WriteAsync(new MonitorsSynced(), cancellationToken);
}
