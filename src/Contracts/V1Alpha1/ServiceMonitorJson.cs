using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>How the records of this namespace are written as JSON: camelCase, nothing for null.</summary>
public static class ServiceMonitorJson
{
    /// <summary>For objects that are known to be sound, such as those that an API server admitted. Unknown fields are ignored.</summary>
    public static JsonSerializerOptions Options { get; } = Create(new DefaultJsonTypeInfoResolver());

    /// <summary>For a manifest in which something wrong was left out: required fields may be missing.</summary>
    internal static JsonSerializerOptions WithHoles { get; } = Create(new DefaultJsonTypeInfoResolver { Modifiers = { RequireNothing } });

    private static JsonSerializerOptions Create(DefaultJsonTypeInfoResolver resolver)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = resolver,
        };
        options.MakeReadOnly();
        return options;
    }

    private static void RequireNothing(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            property.IsRequired = false;
    }
}
