using System.Net;
using System.Text.Json.Nodes;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Entities;

/// <summary>Writes monitors as ServiceMonitor resources.</summary>
/// <param name="client">Of ServiceMonitors.</param>
/// <param name="defaultNamespace">The operator's own namespace, or <c>default</c>.</param>
internal sealed class KubernetesMonitorWriter(ResourceClient<V1Alpha1ServiceMonitor> client, string defaultNamespace) : IMonitorWriter
{
    // kubectl's memory of what it applied: without it the next apply would not know which fields to take away.
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <inheritdoc/>
    public string DefaultNamespace => defaultNamespace;

    /// <inheritdoc/>
    public Task CreateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken) => WriteAsync(key, async () =>
    {
        try
        {
            await client.CreateAsync(key.Namespace, Manifest(key, manifest).ToJsonString(), cancellationToken);
        }
        catch (KubernetesApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            throw new MonitorWriteException(MonitorWriteProblem.NotFound, $"There is no namespace {key.Namespace}: create it first. ({e.Message})");
        }
    });

    /// <inheritdoc/>
    public Task UpdateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken) => WriteAsync(key, async () =>
    {
        var wanted = Manifest(key, manifest);
        _ = await client.ChangeAsync(NameOf(key), live => Replace(live, wanted), cancellationToken) ?? throw Missing(key);
    });

    /// <inheritdoc/>
    public Task DeleteAsync(MonitorKey key, CancellationToken cancellationToken) => WriteAsync(key, async () =>
    {
        if (!await client.DeleteAsync(NameOf(key), cancellationToken))
            throw Missing(key);
    });

    private static ResourceKey NameOf(MonitorKey key) => new(key.Namespace, key.Name);

    private static JsonObject Manifest(MonitorKey key, string manifest)
    {
        var json = JsonNode.Parse(manifest)!.AsObject();
        json["metadata"]!["namespace"] = key.Namespace;
        return json;
    }

    // Labels, annotations and spec are the writer's; finalizers, owners and whatever else the cluster keeps are not.
    private static void Replace(JsonObject live, JsonObject wanted)
    {
        var metadata = live["metadata"]!.AsObject();
        var lastApplied = metadata["annotations"]?[LastApplied]?.DeepClone();
        metadata["labels"] = wanted["metadata"]!["labels"]?.DeepClone();
        metadata["annotations"] = wanted["metadata"]!["annotations"]?.DeepClone();
        if (lastApplied is not null)
        {
            metadata["annotations"] ??= new JsonObject();
            metadata["annotations"]![LastApplied] = lastApplied;
        }
        live["spec"] = wanted["spec"]?.DeepClone();
    }

    private static MonitorWriteException Missing(MonitorKey key) => new(MonitorWriteProblem.NotFound, $"There is no ServiceMonitor {key}.");

    // The API server's own sentence says best what it does not like.
    private static async Task WriteAsync(MonitorKey key, Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (KubernetesApiException e)
        {
            throw e.Status switch
            {
                HttpStatusCode.Conflict when e.Reason == "AlreadyExists" =>
                    new MonitorWriteException(MonitorWriteProblem.AlreadyExists, $"A ServiceMonitor {key} exists already."),
                HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized =>
                    new MonitorWriteException(MonitorWriteProblem.Forbidden, $"The API server does not let HealthTrack write {key}: {e.Message}"),
                HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest =>
                    new MonitorWriteException(MonitorWriteProblem.Forbidden, $"The API server refused {key}: {e.Message}"),
                _ => new MonitorWriteException(MonitorWriteProblem.Unavailable, $"{key} could not be written, try again: {e.Message}"),
            };
        }
    }
}
