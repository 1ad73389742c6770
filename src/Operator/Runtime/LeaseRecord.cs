using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HealthTrack.Operator.Runtime;

/// <summary>A Lease (coordination.k8s.io/v1) as the API server holds it: what an election needs of it, and the rest as it is.</summary>
internal sealed class LeaseRecord
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly JsonObject _lease;

    private LeaseRecord(JsonObject lease) => _lease = lease;

    /// <summary>Changes with each write.</summary>
    public string Version => Text(_lease["metadata"], "resourceVersion");

    /// <summary>Who holds it; empty where nobody does.</summary>
    public string Holder => Text(_lease["spec"], "holderIdentity");

    /// <summary>How often it went from one holder to another.</summary>
    public int Transitions => Number(_lease["spec"], "leaseTransitions");

    /// <summary>How long it lasts after it was renewed. Whatever was written there: a second to a minute.</summary>
    public TimeSpan Duration
    {
        get
        {
            var said = TimeSpan.FromSeconds(Number(_lease["spec"], "leaseDurationSeconds"));
            return said < Shortest ? Shortest : said > Longest ? Longest : said;
        }
    }

    /// <summary>Reads the API server's answer.</summary>
    /// <exception cref="KubernetesApiException">It is no Lease.</exception>
    public static LeaseRecord Read(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject lease
                ? new LeaseRecord(lease)
                : throw new KubernetesApiException("the answer is no Lease", null);
        }
        catch (JsonException e)
        {
            throw new KubernetesApiException($"the answer is no Lease: {e.Message}", e);
        }
    }

    /// <summary>A Lease that does not exist yet, held by <paramref name="holder"/>.</summary>
    public static string New(ResourceKey key, string holder, TimeSpan duration, DateTimeOffset now) => new JsonObject
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace },
        ["spec"] = new JsonObject
        {
            ["holderIdentity"] = holder,
            ["leaseDurationSeconds"] = (int)duration.TotalSeconds,
            ["acquireTime"] = Time(now),
            ["renewTime"] = Time(now),
            ["leaseTransitions"] = 0,
        },
    }.ToJsonString();

    /// <summary>This one, held by <paramref name="holder"/> from now on or still.</summary>
    public string HeldBy(string holder, TimeSpan duration, DateTimeOffset now)
    {
        var before = Holder;
        return With(spec =>
        {
            spec["holderIdentity"] = holder;
            spec["leaseDurationSeconds"] = (int)duration.TotalSeconds;
            spec["renewTime"] = Time(now);
            if (before == holder)
                return;
            spec["acquireTime"] = Time(now);
            spec["leaseTransitions"] = Transitions + 1;
        });
    }

    /// <summary>This one, held by nobody: whoever waits for it need not wait any longer.</summary>
    public string Released(DateTimeOffset now) => With(spec =>
    {
        spec["holderIdentity"] = "";
        spec["leaseDurationSeconds"] = 1;
        spec["renewTime"] = Time(now);
    });

    private string With(Action<JsonObject> change)
    {
        var copy = _lease.DeepClone().AsObject();
        if (copy["spec"] is not JsonObject spec)
            copy["spec"] = spec = [];
        change(spec);
        return copy.ToJsonString();
    }

    private static string Text(JsonNode? parent, string field) =>
        parent is JsonObject fields && fields[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private static int Number(JsonNode? parent, string field) =>
        parent is JsonObject fields && fields[field] is JsonValue value && value.TryGetValue(out int number) ? number : 0;

    // The only form that the API server takes: a MicroTime.
    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
