using System.Globalization;
using System.Text.Json.Nodes;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>Builds manifests for people who give a name and a URL only.</summary>
public static class ServiceMonitorFactory
{
    private static readonly (string Path, string Field)[] SimpleFields =
    [
        ("spec.http.url", "url"), ("spec.interval", "interval_seconds"), ("spec.timeout", "timeout_seconds"), ("spec.displayName", "name"),
        ("metadata.name", "name"), ("metadata.namespace", "namespace"),
    ];

    /// <summary>
    /// The manifest of an http monitor: <paramref name="name"/> is its displayName, and its slug the resource's name. Nothing is judged here:
    /// read the result with <see cref="ManifestReader"/>, and name the fields of its errors with <see cref="SimpleField"/>.
    /// </summary>
    /// <param name="name">What people call it.</param>
    /// <param name="url">What is requested.</param>
    /// <param name="intervalSeconds">Seconds between checks; null for the default.</param>
    /// <param name="timeoutSeconds">Seconds until a check is given up; null for the default.</param>
    /// <param name="namespace">Its namespace; null for the reader's default.</param>
    /// <returns>A ServiceMonitor as JSON.</returns>
    public static string FromSimple(string name, string url, double? intervalSeconds = null, double? timeoutSeconds = null, string? @namespace = null)
    {
        var metadata = new JsonObject { ["name"] = Slug.Of(name) };
        if (@namespace is not null)
            metadata["namespace"] = @namespace;
        var spec = new JsonObject { ["displayName"] = name };
        if (intervalSeconds is { } interval)
            spec["interval"] = Seconds(interval);
        if (timeoutSeconds is { } timeout)
            spec["timeout"] = Seconds(timeout);
        spec["http"] = new JsonObject { ["url"] = url };
        return new JsonObject
        {
            ["apiVersion"] = ServiceMonitor.GroupVersion,
            ["kind"] = ServiceMonitor.KindName,
            ["metadata"] = metadata,
            ["spec"] = spec,
        }.ToJsonString(ServiceMonitorJson.Options);
    }

    /// <summary>The field of the simple form that a path of the manifest came from; the path itself where it came from none.</summary>
    public static string SimpleField(string path) => SimpleFields.FirstOrDefault(f => f.Path == path).Field ?? path;

    // What no duration can hold is passed on as it is, for the reader to refuse.
    private static JsonValue Seconds(double seconds) => seconds >= 0 && seconds <= TimeSpan.MaxValue.TotalSeconds / 2
        ? JsonValue.Create(Durations.Format(TimeSpan.FromSeconds(seconds)))
        : JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"{seconds}s"));
}
