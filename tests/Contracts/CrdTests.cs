using HealthTrack.Contracts.V1Alpha1.Reading;

namespace HealthTrack.Contracts.Tests;

/// <summary>The parts of the CustomResourceDefinition around its schema.</summary>
public class CrdTests
{
    private static readonly MapNode Spec = Map(Map(YamlNodes.Read(ServiceMonitorSchema.Text(), 1).Single()).Find("spec"));
    private static readonly MapNode Version = Map(Assert.Single(((ListNode)Spec.Find("versions")!).Items));

    [Fact]
    public void Names_Resource_AreThoseOfTheDesign()
    {
        var names = Map(Spec.Find("names"));

        Assert.Equal(("sre.healthtrack.io", "Namespaced"), (Text(Spec, "group"), Text(Spec, "scope")));
        Assert.Equal(("ServiceMonitor", "servicemonitors"), (Text(names, "kind"), Text(names, "plural")));
        Assert.Equal(["htm"], Texts(names, "shortNames"));
        Assert.Equal(["healthtrack"], Texts(names, "categories"));
        Assert.Equal(("v1alpha1", "true", "true"), (Text(Version, "name"), Text(Version, "served"), Text(Version, "storage")));
        Assert.NotNull(Map(Version.Find("subresources")).Find("status"));
    }

    [Fact]
    public void Columns_Kubectl_AreThoseOfTheDesign()
    {
        var columns = Columns();

        Assert.Equal(["Target", "Health", "Uptime", "P95", "Apdex", "Budget", "Ready", "Age"], columns.Where(c => c.Find("priority") is null).Select(c => Text(c, "name")));
        Assert.Equal(["Error rate", "Avg", "P99", "Worker", "Reason"], columns.Where(c => Text(c, "priority") == "1").Select(c => Text(c, "name")));
    }

    [Fact]
    public void Columns_Paths_LeadToFieldsOfTheSchema()
    {
        var paths = Columns().Select(c => Text(c, "jsonPath")!).Where(p => p != ".metadata.creationTimestamp").Select(Normal);

        Assert.All(paths, path => Assert.Contains(path, SchemaFields.All.Select(f => f.Path)));
    }

    // .status.conditions[?(@.type=="Ready")].status: status.conditions[].status
    private static string Normal(string path)
    {
        var (open, close) = (path.IndexOf('[', StringComparison.Ordinal), path.IndexOf(']', StringComparison.Ordinal));
        return (open < 0 ? path : $"{path[..open]}[]{path[(close + 1)..]}").TrimStart('.');
    }

    private static List<MapNode> Columns() => [.. ((ListNode)Version.Find("additionalPrinterColumns")!).Items.Select(Map)];

    private static MapNode Map(ManifestNode? node) => Assert.IsType<MapNode>(node);

    private static string? Text(MapNode map, string key) => (map.Find(key) as ScalarNode)?.Text;

    private static List<string> Texts(MapNode map, string key) => [.. ((ListNode)map.Find(key)!).Items.Select(i => ((ScalarNode)i).Text)];
}
