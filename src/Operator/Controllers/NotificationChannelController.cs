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
        // A standby tells nobody and writes nothing, and has no need to read what the address is.
        if (lease.IsHeld)
        {
            var ready = wrong is not null
                ? Condition(entity, "Ready", "False", HealthReasons.InvalidSpec, wrong)
                : Ready(entity, await watch.LookAsync(channel!, cancellationToken));
            if (ready is not null)
                await TellAsync(entity, ready, cancellationToken);
        }
        return ReconciliationResult<V1Alpha1NotificationChannel>.Success(entity, LookAgain);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<V1Alpha1NotificationChannel>> DeletedAsync(V1Alpha1NotificationChannel entity, CancellationToken cancellationToken)
    {
        channels.Remove(entity.Key);
        return Task.FromResult(ReconciliationResult<V1Alpha1NotificationChannel>.Success(entity));
    }

    // While nobody can say how it is, what was said of this spec stands; null where nothing was.
    private ConditionStatus? Ready(V1Alpha1NotificationChannel entity, ChannelLook look) => look switch
    {
        { IsKnown: false } => Written(entity, "Ready") is { } said && said.ObservedGeneration == entity.Metadata.Generation ? said : null,
        { Problem: { } problem } => Condition(entity, "Ready", "False", problem.Reason, problem.Message),
        _ => Condition(entity, "Ready", "True", HealthReasons.Operating, "The channel is told."),
    };

    private async Task TellAsync(V1Alpha1NotificationChannel entity, ConditionStatus ready, CancellationToken cancellationToken)
    {
        var written = entity.ReadStatus();
        var conditions = new List<ConditionStatus> { ready };
        if (ready.Reason == HealthReasons.InvalidSpec)
            conditions.Add(Condition(entity, "Stalled", "True", ready.Reason, ready.Message));
        var status = new NotificationChannelStatus
        {
            ObservedGeneration = entity.Metadata.Generation,
            LastDelivery = channels.LastDelivery(entity.Key) is { } last
                ? new() { Time = DateTimeOffset.FromUnixTimeSeconds(last.At / 1000), Error = StatusText.Fit(last.Error, LongestError) }
                : written?.LastDelivery,
            Conditions = conditions,
        };
        // Asked for again, right before it is written: the look may have taken its time.
        if ((written is not null && StatusJson.Write(written) == StatusJson.Write(status)) || !lease.IsHeld)
            return;
        var key = new ResourceKey(entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        await client.ApplyStatusAsync(
            key, StatusJson.Apply(NotificationChannelResource.KindName, key, entity.Metadata.Uid, status), StatusWriter.FieldManager, cancellationToken, entity.Metadata.Uid);
    }

    private static ConditionStatus? Written(V1Alpha1NotificationChannel entity, string type) => entity.ReadStatus()?.Conditions?.FirstOrDefault(c => c.Type == type);

    private ConditionStatus Condition(V1Alpha1NotificationChannel entity, string type, string status, string reason, string message)
    {
        var before = Written(entity, type);
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
