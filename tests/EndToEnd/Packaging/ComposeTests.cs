using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace HealthTrack.EndToEnd.Tests.Packaging;

/// <summary>docker-compose.yml and what belongs to it.</summary>
public sealed partial class ComposeTests
{
    private static readonly string[] Ours = ["operator", "probe", "dashboard"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Config_OfTheRepository_IsClean() => Assert.Equal(
        ["dashboard", "grafana", "init", "kafka", "operator", "postgres", "probe", "prometheus", "redis"], (await ComposeFile.ReadAsync()).Services.Keys.Order());

    [Fact]
    public async Task Config_WithEverySettingOfTheExample_TakesIt()
    {
        using var folder = new TemporaryFolder();
        var example = await File.ReadAllTextAsync(Repository.At(".env.example"), Stop);
        var settings = Setting().Matches(example).Select(m => m.Groups[1].Value).ToList();
        var used = Variable().Matches(await File.ReadAllTextAsync(Repository.At("docker-compose.yml"), Stop)).Select(m => m.Groups[1].Value).Distinct();
        Assert.Equal(used.Order(), settings.Order());

        await File.WriteAllTextAsync(folder["env"], string.Concat(Setting().Matches(example).Select(m => $"{m.Value[1..]}\n")), Stop);
        Assert.Equal(["0.0.0.0:3000:3000"], Ports((await ComposeFile.ReadAsync(folder["env"])).Services["dashboard"]));
        await File.WriteAllTextAsync(folder["env"], "HEALTHTRACK_DASHBOARD_ADDRESS=127.0.0.1\nHEALTHTRACK_VIEW_NET=10.9.8\n", Stop);
        var changed = await ComposeFile.ReadAsync(folder["env"]);
        Assert.Equal(["127.0.0.1:3000:3000"], Ports(changed.Services["dashboard"]));
        Assert.Equal("10.9.8.10", ComposeFile.Pairs(changed.Services["grafana"], "environment")["GF_AUTH_PROXY_WHITELIST"]);
    }

    [Fact]
    public async Task Ports_AllButTheDashboards_AreThisMachinesAlone()
    {
        var compose = await ComposeFile.ReadAsync();
        Assert.Equal(
            ["0.0.0.0:3000:3000", "127.0.0.1:3001:3000", "127.0.0.1:8000:8000", "127.0.0.1:9090:9090"],
            compose.Services.Values.SelectMany(Ports).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Services_All_AreConfined()
    {
        foreach (var (name, service) in (await ComposeFile.ReadAsync()).Services)
        {
            Assert.True(ComposeFile.List(service, "cap_drop").SequenceEqual(["ALL"]), $"{name} keeps capabilities.");
            Assert.True(ComposeFile.List(service, "security_opt").Contains("no-new-privileges:true"), $"{name} can gain privileges.");
            Assert.True(ComposeFile.Scalar(service, "read_only") == (name == "kafka" ? "false" : "true") || (name == "kafka" && ComposeFile.Scalar(service, "read_only") is null), $"{name} writes its root.");
            Assert.True(ComposeFile.Scalar(service, "mem_limit") is not null && ComposeFile.Scalar(service, "pids_limit") is not null, $"{name} has no limits.");
            Assert.True(ComposeFile.Scalar(service, "privileged") is null && (name == "init" || ComposeFile.List(service, "cap_add").Count == 0), $"{name} has privileges.");
            Assert.True(service.Children.ContainsKey("build") || Pinned().IsMatch(ComposeFile.Scalar(service, "image")!), $"{name} is not of one version.");
            Assert.True(Ours.Contains(name) || name == "init" || service.Children.ContainsKey("healthcheck"), $"{name} has no health check.");
        }
    }

    // A host gives what runs 30 s to end, and then has to close what it opened.
    [Fact]
    public async Task Operator_IsGivenLongerToStopThanItsHostTakes() =>
        Assert.Equal("40s", ComposeFile.Scalar((await ComposeFile.ReadAsync()).Services["operator"], "stop_grace_period"));

    [Fact]
    public async Task Grafana_BelievesTheDashboardsAddressAlone()
    {
        var compose = await ComposeFile.ReadAsync();
        var view = (YamlMappingNode)((YamlMappingNode)compose.Services["dashboard"].Children["networks"]).Children["view"];
        var grafana = ComposeFile.Pairs(compose.Services["grafana"], "environment");
        Assert.Equal(ComposeFile.Scalar(view, "ipv4_address"), grafana["GF_AUTH_PROXY_WHITELIST"]);
        Assert.Equal("http://localhost:3000/grafana/", grafana["GF_SERVER_ROOT_URL"]);
    }

    [Fact]
    public async Task Secrets_AreInNoEnvironmentAndEachServiceHasItsOwn()
    {
        var compose = await ComposeFile.ReadAsync();
        foreach (var (name, service) in compose.Services.Where(s => s.Key != "init"))
        {
            Assert.DoesNotContain(
                ComposeFile.Pairs(service, "environment").Where(e => e.Value is not ("true" or "false")),
                e => e.Key.EndsWith("PASSWORD", StringComparison.Ordinal) || e.Key.EndsWith("TOKEN", StringComparison.Ordinal) || Credential().IsMatch(e.Value));
            var made = ComposeFile.List(service, "volumes").Where(v => v.Contains("made-", StringComparison.Ordinal)).ToList();
            Assert.True(made.All(v => v.EndsWith($"made-{name}:/run/healthtrack:ro", StringComparison.Ordinal)), $"{name}: {string.Join(", ", made)}");
        }
        // The dashboard, which everybody reaches, cannot write.
        Assert.Empty(ComposeFile.List(compose.Services["dashboard"], "volumes"));
    }

    [Fact]
    public async Task Stores_AreWhereNeitherTheProbeNorTheDashboardComes()
    {
        var compose = await ComposeFile.ReadAsync();
        Assert.Equal("true", ComposeFile.Scalar(compose.Networks["data"], "internal"));
        foreach (var (name, service) in compose.Services)
            Assert.Equal(name is "postgres" or "redis" or "kafka" or "operator", service.Children.TryGetValue("networks", out var on) && Names(on).Contains("data"));
    }

    [Fact]
    public async Task Mounts_OfTheRepository_AreThere()
    {
        foreach (var (name, service) in (await ComposeFile.ReadAsync()).Services)
        {
            foreach (var source in ComposeFile.List(service, "volumes").Select(v => v.Split(':')[0]).Where(s => s.StartsWith(Repository.Root, StringComparison.Ordinal)))
                Assert.True(Path.Exists(source), $"{name} mounts {source}, which is not there: the engine would make an empty folder of it.");
        }
    }

    // git writes a changed file anew, beside the old one: a mounted file stays what it was, in a mounted folder it is seen. Prometheus looks by itself where it is told to.
    [Fact]
    public async Task Prometheus_AfterAPull_TakesWhatChanged()
    {
        var prometheus = (await ComposeFile.ReadAsync()).Services["prometheus"];

        Assert.Contains("--enable-feature=auto-reload-config", ComposeFile.List(prometheus, "command"));
        Assert.All(
            ComposeFile.List(prometheus, "volumes").Select(v => v.Split(':')[0]).Where(s => s.StartsWith(Repository.Root, StringComparison.Ordinal)), s => Assert.True(Directory.Exists(s), s));
    }

    [Fact]
    public async Task Init_RunTwice_KeepsWhatItMade()
    {
        using var folder = new TemporaryFolder();
        foreach (var service in new[] { "operator", "probe", "postgres", "grafana", "monitors", "secrets" })
            Directory.CreateDirectory(folder[service]);
        var first = await MadeAsync(folder);
        Assert.All(first.Where(f => f.Key.EndsWith("token", StringComparison.Ordinal) || f.Key.EndsWith("password", StringComparison.Ordinal)), f => Assert.Equal(65, f.Value.Length));
        Assert.Equal(first["operator/link-token"], first["probe/link-token"]);
        Assert.Equal(first["operator/link.crt"], first["probe/link-ca.crt"]);
        Assert.Equal($"postgres:5432:healthtrack:healthtrack:{first["postgres/password"]}", first["operator/pgpass"]);
        Assert.Equal(4, first.Where(f => f.Key is not "probe/link-token" and not "probe/link-ca.crt").Count(f => f.Value.Trim().Length == 64));
        Assert.Equal(first, await MadeAsync(folder));

        var chosen = await MadeAsync(folder, ("HEALTHTRACK_API_TOKEN", "a-token-of-my-own"));
        Assert.Equal("a-token-of-my-own\n", chosen["operator/api-token"]);
    }

    private static async Task<SortedDictionary<string, string>> MadeAsync(TemporaryFolder folder, params (string, string?)[] environment)
    {
        var (exitCode, output) = await Shell.RunAsync(
            $"sh config/compose/init.sh {folder.Path} {folder["monitors"]} {folder["secrets"]}", TimeSpan.FromSeconds(30), environment);
        Assert.True(exitCode == 0, output);
        return new(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(folder.Path, f), File.ReadAllText));
    }

    private static IEnumerable<string> Names(YamlNode networks) =>
        networks is YamlMappingNode map ? map.Children.Keys.Select(k => k.ToString()) : ((YamlSequenceNode)networks).Select(n => n.ToString());

    private static IEnumerable<string> Ports(YamlMappingNode service) =>
        ComposeFile.List(service, "ports").Select(p => p.Replace("/tcp", "", StringComparison.Ordinal));

    [GeneratedRegex(@"^#([A-Z_]+)=.*$", RegexOptions.Multiline)]
    private static partial Regex Setting();

    [GeneratedRegex(@"\$\{([A-Z_]+):?-")]
    private static partial Regex Variable();

    [GeneratedRegex(@":v?\d+\.\d+(\.\d+)?[\w.-]*$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"://[^/@]*:[^/@]*@")]
    private static partial Regex Credential();
}
