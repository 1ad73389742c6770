using System.Globalization;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace HealthTrack.Operator.Runtime;

/// <summary>All objects of a kind at one moment.</summary>
/// <param name="Version">The moment: a watch goes on from there.</param>
/// <param name="Entities">What can be read.</param>
/// <param name="Unreadable">The names of what cannot.</param>
internal sealed record ResourceList<T>(string Version, IReadOnlyList<T> Entities, IReadOnlySet<ResourceKey> Unreadable)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Reads the list page by page. Pages that expire under way begin anew, in one piece, which cannot expire.</summary>
    /// <exception cref="KubernetesApiException">The API server refused or went away.</exception>
    public static async Task<ResourceList<T>> ReadAsync(
        KubernetesApi api, ResourceDefinition definition, string? ns, int pageSize, ReflectorMetrics metrics, ILogger log, CancellationToken cancellationToken, string? labels = null)
    {
        try
        {
            return await ReadPagesAsync(api, definition, ns, pageSize, labels, metrics, log, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsExpired)
        {
            Log.ListExpired(log, definition, e.Message);
            return await ReadPagesAsync(api, definition, ns, 0, labels, metrics, log, cancellationToken);
        }
    }

    private static async Task<ResourceList<T>> ReadPagesAsync(
        KubernetesApi api, ResourceDefinition definition, string? ns, int pageSize, string? labels, ReflectorMetrics metrics, ILogger log,
        CancellationToken cancellationToken)
    {
        var entities = new List<T>();
        var unreadable = new HashSet<ResourceKey>();
        string? next = null;
        while (true)
        {
            var path = $"{definition.CollectionPath(ns)}{Query(pageSize, next, labels)}";
            var text = await api.ReadAsync(HttpMethod.Get, path, null, KubernetesApi.Json, cancellationToken);
            using var page = Parse(text, definition);
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
                Add(item, definition, entities, unreadable, metrics, log);
            var metadata = page.RootElement.GetProperty("metadata");
            next = metadata.TryGetProperty("continue", out var token) ? token.GetString() : null;
            if (string.IsNullOrEmpty(next))
                return new ResourceList<T>(metadata.GetProperty("resourceVersion").GetString() ?? "", entities, unreadable);
        }
    }

    private static string Query(int pageSize, string? next, string? labels)
    {
        var parts = new List<string>();
        if (pageSize > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"limit={pageSize}"));
        if (pageSize > 0 && next is not null)
            parts.Add($"continue={Uri.EscapeDataString(next)}");
        if (labels is not null)
            parts.Add($"labelSelector={Uri.EscapeDataString(labels)}");
        return parts.Count == 0 ? "" : $"?{string.Join('&', parts)}";
    }

    // A success that holds no list comes from something else than an API server: an ingress, a captive portal.
    private static JsonDocument Parse(string text, ResourceDefinition definition)
    {
        JsonDocument? page = null;
        try
        {
            page = JsonDocument.Parse(text);
            if (page.RootElement.ValueKind == JsonValueKind.Object
                && page.RootElement.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
                && page.RootElement.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("resourceVersion", out _))
                return page;
        }
        catch (JsonException)
        {
            // The sentence below says it.
        }
        page?.Dispose();
        throw new KubernetesApiException($"the answer is no list of {definition}", null);
    }

    private static void Add(
        JsonElement item, ResourceDefinition definition, List<T> entities, HashSet<ResourceKey> unreadable, ReflectorMetrics metrics, ILogger log)
    {
        try
        {
            entities.Add(EntityReader.Read<T>(item, definition));
        }
        catch (JsonException e)
        {
            var key = EntityReader.KeyOf(item);
            metrics.Unreadable(definition);
            Log.Unreadable(log, definition, key?.ToString() ?? "without a name", e.Message);
            if (key is { } name)
                unreadable.Add(name);
        }
    }
}
