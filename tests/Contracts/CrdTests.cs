using HealthTrack.Contracts.V1Alpha1.Reading;

namespace HealthTrack.Contracts.Tests;

/// <summary>The parts of the CustomResourceDefinitions around their schemas.</summary>
public class CrdTests
{
    private static readonly string[] Monitors = ["Target", "Health", "Uptime", "P95", "Apdex", "Budget", "Ready", "Age"];
    private static readonly string[] MonitorsWide = ["Error rate", "Avg", "P99", "Worker", "Reason"];
    private static readonly string[] Pools = ["Replicas", "Ready", "Workers", "Load", "Version", "Age"];
    private static readonly string[] PoolsWide = ["Monitors", "Reason"];
    private static readonly string[] Channels = ["Type", "Default", "Ready", "Delivered", "Age"];
    private static readonly string[] ChannelsWide = ["Error"];

    public static TheoryData<string, string, string> Kinds => new()
    {
        { "ServiceMonitor", "servicemonitors", "htm" }, { "ProbePool", "probepools", "htpool" }, { "NotificationChannel", "notificationchannels", "htchan" },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Names_Resource_AreThoseOfTheDesign(string kind, string plural, string shortName)
    {
        var spec = Spec(kind);
        var names = Map(spec.Find("names"));
        var version = Version(kind);

        Assert.Equal(("sre.healthtrack.io", "Namespaced"), (Text(spec, "group"), Text(spec, "scope")));
        Assert.Equal((kind, plural), (Text(names, "kind"), Text(names, "plural")));
        Assert.Equal([shortName], Texts(names, "shortNames"));
        Assert.Equal(["healthtrack"], Texts(names, "categories"));
        Assert.Equal(("v1alpha1", "true", "true"), (Text(version, "name"), Text(version, "served"), Text(version, "storage")));
        Assert.NotNull(Map(version.Find("subresources")).Find("status"));
    }

    [Theory, InlineData("ServiceMonitor"), InlineData("ProbePool"), InlineData("NotificationChannel")]
    public void Columns_Kubectl_AreThoseOfTheDesign(string kind)
    {
        var columns = Columns(kind);
        var (narrow, wide) = kind switch
        {
            "ProbePool" => (Pools, PoolsWide),
            "NotificationChannel" => (Channels, ChannelsWide),
            _ => (Monitors, MonitorsWide),
        };

        Assert.Equal(narrow, columns.Where(c => c.Find("priority") is null).Select(c => Text(c, "name")));
        Assert.Equal(wide, columns.Where(c => Text(c, "priority") == "1").Select(c => Text(c, "name")));
    }

    [Theory, InlineData("ServiceMonitor"), InlineData("ProbePool"), InlineData("NotificationChannel")]
    public void Columns_Paths_LeadToFieldsOfTheSchema(string kind)
    {
        var paths = Columns(kind).Select(c => Text(c, "jsonPath")!).Where(p => p != ".metadata.creationTimestamp").Select(Normal);

        Assert.All(paths, path => Assert.Contains(path, SchemaFields.All.Where(f => f.Kind == kind).Select(f => f.Path)));
    }

    // .status.conditions[?(@.type=="Ready")].status: status.conditions[].status
    private static string Normal(string path)
    {
        var (open, close) = (path.IndexOf('[', StringComparison.Ordinal), path.IndexOf(']', StringComparison.Ordinal));
        return (open < 0 ? path : $"{path[..open]}[]{path[(close + 1)..]}").TrimStart('.');
    }

    private static MapNode Spec(string kind) =>
        Map(Map(YamlNodes.Read(ResourceKind.All.Single(k => k.Name == kind).Text(), 1).Single()).Find("spec"));

    private static MapNode Version(string kind) => Map(Assert.Single(((ListNode)Spec(kind).Find("versions")!).Items));

    private static List<MapNode> Columns(string kind) => [.. ((ListNode)Version(kind).Find("additionalPrinterColumns")!).Items.Select(Map)];

    private static MapNode Map(ManifestNode? node) => Assert.IsType<MapNode>(node);

    private static string? Text(MapNode map, string key) => (map.Find(key) as ScalarNode)?.Text;

    private static List<string> Texts(MapNode map, string key) => [.. ((ListNode)map.Find(key)!).Items.Select(i => ((ScalarNode)i).Text)];
}
