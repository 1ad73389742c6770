using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Status;

/// <summary>A status as JSON; times in whole seconds, as Kubernetes keeps them.</summary>
internal static class StatusJson
{
    private static readonly JsonSerializerOptions Options = new(ServiceMonitorJson.Options) { Converters = { new WholeSeconds() } };

    /// <summary>The status alone.</summary>
    public static string Write<T>(T status) => JsonSerializer.Serialize(status, Options);

    /// <summary>What is applied: the fields of the status, on this incarnation of the resource and no other.</summary>
    public static string Apply(MonitorKey key, string uid, ServiceMonitorStatus status) =>
        Apply(ServiceMonitor.KindName, new ResourceKey(key.Namespace, key.Name), uid, status);

    /// <inheritdoc cref="Apply(MonitorKey, string, ServiceMonitorStatus)"/>
    public static string Apply<T>(string kind, ResourceKey key, string uid, T status) => new JsonObject
    {
        ["apiVersion"] = ServiceMonitor.GroupVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace, ["uid"] = uid },
        ["status"] = JsonSerializer.SerializeToNode(status, Options),
    }.ToJsonString();

    private sealed class WholeSeconds : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }
}
