using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Alerts;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Status;

namespace HealthTrack.Operator.Controllers;

/// <summary>
/// Takes NotificationChannels into the directory, and says in their status whether they can be told and how the last delivery went. One whose spec turned wrong stays
/// in force as it was.
/// </summary>
internal sealed class NotificationChannelController(
    KubernetesChannels channels, ChannelWatch watch, ResourceClient<V1Alpha1NotificationChannel> client, ILeaseHold lease, TimeProvider time)
    : IEntityController<V1Alpha1NotificationChannel>
{
    private const int LongestError = 1024;

    // Deliveries are no change of the resource: their outcome is looked for.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task<ReconciliationResult<V1Alpha1NotificationChannel>> ReconcileAsync(V1Alpha1NotificationChannel entity, CancellationToken cancellationToken)
    {
        var (channel, errors) = entity.Read();
        var wrong = channel is null ? string.Join("; ", errors.Take(5)) + "." : null;
        if (channel is not null)
            channels.Put(channel);
        else
            channels.PutWrong(entity.Key, wrong!);
        if (entity.ReadStatus()?.LastDelivery is { Time: { } time } delivery)
            channels.Recall(entity.Key, new(time.ToUnixTimeMilliseconds(), delivery.Error));
        // A standby tells nobody, and has no need to read what the address is.
        var problem = channel is not null && lease.IsHeld ? await watch.LookAsync(channel, cancellationToken) : null;
        var (ready, reason, message) = wrong is not null
            ? ("False", HealthReasons.InvalidSpec, wrong)
            : problem is not null
                ? ("False", problem.Reason, problem.Message)
                : ("True", HealthReasons.Operating, "The channel is told.");
        await TellAsync(entity, ready, reason, message, stalled: channel is null, cancellationToken);
        return ReconciliationResult<V1Alpha1NotificationChannel>.Success(entity, LookAgain);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Alpha1NotificationChannel>> DeletedAsync(V1Alpha1NotificationChannel entity, CancellationToken cancellationToken)
    {
        channels.Remove(entity.Key);
        return Task.FromResult(ReconciliationResult<V1Alpha1NotificationChannel>.Success(entity));
    }

    private async Task TellAsync(
        V1Alpha1NotificationChannel entity, string ready, string reason, string message, bool stalled, CancellationToken cancellationToken)
    {
        var written = entity.ReadStatus();
        var conditions = new List<ConditionStatus> { Condition(entity, written, "Ready", ready, reason, message) };
        if (stalled)
            conditions.Add(Condition(entity, written, "Stalled", "True", reason, message));
        var status = new NotificationChannelStatus
        {
            ObservedGeneration = entity.Metadata.Generation,
            LastDelivery = channels.LastDelivery(entity.Key) is { } last
                ? new() { Time = DateTimeOffset.FromUnixTimeSeconds(last.At / 1000), Error = StatusText.Fit(last.Error, LongestError) }
                : written?.LastDelivery,
            Conditions = conditions,
        };
        if ((written is not null && StatusJson.Write(written) == StatusJson.Write(status)) || !lease.IsHeld)
            return;
        var key = new ResourceKey(entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        await client.ApplyStatusAsync(
            key, StatusJson.Apply(NotificationChannelResource.KindName, key, entity.Metadata.Uid, status), StatusWriter.FieldManager, cancellationToken, entity.Metadata.Uid);
    }

    private ConditionStatus Condition(V1Alpha1NotificationChannel entity, NotificationChannelStatus? written, string type, string status, string reason, string message)
    {
        var before = written?.Conditions?.FirstOrDefault(c => c.Type == type);
        return new()
        {
            Type = type,
            Status = status,
            ObservedGeneration = entity.Metadata.Generation,
            LastTransitionTime = before?.Status == status ? before.LastTransitionTime : DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()),
            Reason = reason,
            Message = message,
        };
    }
}
