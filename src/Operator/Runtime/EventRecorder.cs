using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>Writes events (core/v1) to the API server. Its <see cref="PublishAsync"/> is an <see cref="EventPublisher"/>.</summary>
/// <param name="api">The API server.</param>
/// <param name="component">In whose name.</param>
/// <param name="time">When.</param>
/// <param name="log">Says what was lost.</param>
/// <param name="lease">Without it, events may always be written.</param>
internal sealed class EventRecorder(KubernetesApi api, string component, TimeProvider time, ILogger<EventRecorder> log, ILeaseHold? lease = null)
{
    // The API server's own limit.
    private const int LongestMessage = 1024;

    private static readonly ResourceDefinition Events = ResourceDefinition.Of<Corev1Event>();

    private readonly ResourceClient<Corev1Event> _client = new(api, Events);
    private readonly EventCorrelator _correlator = new(time);

    /// <inheritdoc cref="EventPublisher"/>
    public async Task PublishAsync(
        IKubernetesObject<V1ObjectMeta> entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        var note = new EventNote(
            new V1ObjectReference
            {
                ApiVersion = entity.ApiVersion,
                Kind = entity.Kind,
                Name = entity.Metadata.Name,
                NamespaceProperty = entity.Metadata.NamespaceProperty,
                Uid = entity.Metadata.Uid,
            },
            type, reason, message.Length <= LongestMessage ? message : string.Concat(message.AsSpan(0, LongestMessage - 1), "…"));
        if (lease is { IsHeld: false } || _correlator.Correlate(note) is not { } correlated)
            return;
        try
        {
            if (correlated.Count > 1 && await CountUpAsync(note, correlated, cancellationToken))
                return;
            var anew = correlated.Count > 1 ? _correlator.Renew(note, correlated) : correlated;
            await _client.CreateAsync(note.Regarding.NamespaceProperty, ToJson(note, anew), cancellationToken);
        }
        catch (KubernetesApiException e)
        {
            Log.EventLost(log, entity.Kind, ResourceKey.Of(entity), e.Message);
        }
    }

    // False: it is no longer there. The API server forgets events after an hour.
    private async Task<bool> CountUpAsync(EventNote note, CorrelatedEvent correlated, CancellationToken cancellationToken)
    {
        var patch = new JsonObject { ["count"] = correlated.Count, ["lastTimestamp"] = Time(correlated.Last) };
        return await _client.MergeAsync(new ResourceKey(note.Regarding.NamespaceProperty, correlated.Name), patch, cancellationToken) is not null;
    }

    private string ToJson(EventNote note, CorrelatedEvent correlated) => new JsonObject
    {
        ["apiVersion"] = Events.ApiVersion,
        ["kind"] = Events.Kind,
        ["metadata"] = new JsonObject { ["name"] = correlated.Name, ["namespace"] = note.Regarding.NamespaceProperty },
        ["involvedObject"] = new JsonObject
        {
            ["apiVersion"] = note.Regarding.ApiVersion,
            ["kind"] = note.Regarding.Kind,
            ["name"] = note.Regarding.Name,
            ["namespace"] = note.Regarding.NamespaceProperty,
            ["uid"] = note.Regarding.Uid,
        },
        ["type"] = note.Type.ToString(),
        ["reason"] = note.Reason,
        ["message"] = correlated.Message,
        ["count"] = correlated.Count,
        ["firstTimestamp"] = Time(correlated.First),
        ["lastTimestamp"] = Time(correlated.Last),
        ["source"] = new JsonObject { ["component"] = component },
        ["reportingComponent"] = component,
        ["reportingInstance"] = Environment.MachineName,
    }.ToJsonString();

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
