using YamlDotNet.RepresentationModel;

namespace HealthTrack.EndToEnd.Tests.Packaging;

/// <summary>docker-compose.yml as compose itself reads it: anchors merged, variables put in.</summary>
internal sealed class ComposeFile
{
    private readonly YamlMappingNode _root;

    private ComposeFile(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        _root = (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    /// <summary>Its services.</summary>
    public IReadOnlyDictionary<string, YamlMappingNode> Services => Map("services");

    /// <summary>Its networks.</summary>
    public IReadOnlyDictionary<string, YamlMappingNode> Networks => Map("networks");

    /// <summary>
    /// Runs <c>docker compose config</c>, or the docker-compose that Debian packages; fails where it is not clean. No variable of this machine has a say.
    /// </summary>
    /// <param name="settings">A file of settings; null: none.</param>
    public static async Task<ComposeFile> ReadAsync(string? settings = null)
    {
        using var folder = new TemporaryFolder();
        if (settings is null)
            await File.WriteAllTextAsync(settings = folder["none"], "", TestContext.Current.CancellationToken);
        var (exitCode, output) = await Shell.RunAsync(
            $"""
            unset ${"{!HEALTHTRACK_@}"}
            if docker compose version > /dev/null 2>&1; then compose='docker compose'
            elif command -v docker-compose > /dev/null; then compose=docker-compose
            else echo 'No compose is here: apt-get install docker-compose'; exit 1; fi
            $compose --env-file {settings} -f docker-compose.yml config
            """,
            TimeSpan.FromMinutes(1));
        Assert.True(exitCode == 0, output);
        Assert.DoesNotContain("WARN", output, StringComparison.OrdinalIgnoreCase);
        return new ComposeFile(output);
    }

    /// <summary>The texts of a list of a service; empty where it has none.</summary>
    public static IReadOnlyList<string> List(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out var list) ? [.. ((YamlSequenceNode)list).Select(Text)] : [];

    /// <summary>A scalar of a service; null where it has none.</summary>
    public static string? Scalar(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out var node) ? node.ToString() : null;

    /// <summary>The keys and values below a key of a service; empty where it has none.</summary>
    public static IReadOnlyDictionary<string, string> Pairs(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out var node)
            ? ((YamlMappingNode)node).ToDictionary(p => p.Key.ToString(), p => p.Value.ToString())
            : new Dictionary<string, string>();

    // The long form of ports and volumes, which the plugin writes, in the short one.
    private static string Text(YamlNode node) => node is not YamlMappingNode map ? node.ToString()
        : map.Children.ContainsKey("published") ? $"{Scalar(map, "host_ip")}:{Scalar(map, "published")}:{Scalar(map, "target")}"
        : $"{Scalar(map, "source")}:{Scalar(map, "target")}{(Scalar(map, "read_only") == "true" ? ":ro" : "")}";

    private Dictionary<string, YamlMappingNode> Map(string key) =>
        ((YamlMappingNode)_root.Children[key]).ToDictionary(p => p.Key.ToString(), p => p.Value as YamlMappingNode ?? []);
}
