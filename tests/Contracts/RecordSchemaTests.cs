using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Contracts.V1Alpha1.Reading;

namespace HealthTrack.Contracts.Tests;

/// <summary>Holds the records against the schema, field by field and in both directions.</summary>
public class RecordSchemaTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void ServiceMonitor_EveryField_HasTheNameTypeAndPresenceOfTheSchema()
    {
        var differences = new List<string>();
        Compare("spec", typeof(ServiceMonitorSpec), ResourceKind.ServiceMonitor.Spec, differences);
        Compare("status", typeof(ServiceMonitorStatus), ResourceKind.ServiceMonitor.Status, differences);
        Compare("metadata", typeof(ObjectMetadata), ResourceKind.Metadata, differences);

        Assert.Empty(differences);
    }

    [Fact]
    public void ProbePool_EveryField_HasTheNameTypeAndPresenceOfTheSchema()
    {
        var differences = new List<string>();
        Compare("spec", typeof(ProbePoolSpec), ResourceKind.ProbePool.Spec, differences);
        Compare("status", typeof(ProbePoolStatus), ResourceKind.ProbePool.Status, differences);

        Assert.Empty(differences);
    }

    [Fact]
    public void NotificationChannel_EveryField_HasTheNameTypeAndPresenceOfTheSchema()
    {
        var differences = new List<string>();
        Compare("spec", typeof(NotificationChannelSpec), ResourceKind.NotificationChannel.Spec, differences);
        Compare("status", typeof(NotificationChannelStatus), ResourceKind.NotificationChannel.Status, differences);

        Assert.Empty(differences);
    }

    private static void Compare(string path, Type record, SchemaNode schema, List<string> differences)
    {
        var properties = record.GetProperties().Where(p => p.Name != "EqualityContract").ToDictionary(JsonName);
        differences.AddRange(properties.Keys.Except(schema.Properties.Select(p => p.Name)).Select(n => $"{path}.{n} is in {record.Name} only"));
        foreach (var (name, field) in schema.Properties)
        {
            if (!properties.TryGetValue(name, out var property))
            {
                differences.Add($"{path}.{name} is in the schema only");
                continue;
            }
            var required = schema.Required.Contains(name);
            if (required != property.IsDefined(typeof(RequiredMemberAttribute)))
                differences.Add($"{path}.{name}: required is {required} in the schema");
            if (required == (Nullability.Create(property).ReadState == NullabilityState.Nullable))
                differences.Add($"{path}.{name}: nullable in {record.Name} must be {!required}");
            CompareType($"{path}.{name}", Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, field, differences);
        }
    }

    private static void CompareType(string path, Type type, SchemaNode schema, List<string> differences)
    {
        switch (schema.Type)
        {
            case "object" when schema.AdditionalProperties is not null:
                if (type != typeof(IReadOnlyDictionary<string, string>))
                    differences.Add($"{path}: {type.Name} is no map of texts");
                break;
            case "object":
                Compare(path, type, schema, differences);
                break;
            case "array" when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>):
                CompareType($"{path}[]", type.GetGenericArguments()[0], schema.Items!, differences);
                break;
            default:
                var expected = (schema.Type, schema.Format) switch
                {
                    ("string", "date-time") => typeof(DateTimeOffset),
                    ("string", _) => typeof(string),
                    ("integer", "int64") => typeof(long),
                    ("integer", "int32") => typeof(int),
                    ("number", _) => typeof(double),
                    ("boolean", _) => typeof(bool),
                    _ => null,
                };
                if (type != expected)
                    differences.Add($"{path}: {type.Name} where the schema has {schema.Type} {schema.Format}");
                break;
        }
    }

    private static string JsonName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}
