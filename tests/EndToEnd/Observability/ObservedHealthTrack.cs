using System.Diagnostics;
using System.Text.RegularExpressions;
using HealthTrack.Engine.Tests.Events;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>
/// HealthTrack as compose runs it, an operator over a folder and a worker of its own, and two Prometheus that scrape it: one as
/// config/prometheus/prometheus.yml says, one with the labels that prometheus-operator gives its targets.
/// </summary>
public sealed partial class ObservedHealthTrack : IAsyncLifetime
{
    private const int EnoughSeconds = 75;

    private readonly Stopwatch _running = new();
    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly Dictionary<string, PrometheusServer> _servers = [];
    private readonly MockCluster _kafka = MockCluster.Start();

    /// <summary>Services that are monitored, all in the namespace shop: one is well and has a certificate, one fails, one is down.</summary>
    internal static IReadOnlyList<string> Services { get; } = ["cart", "search", "web"];

    /// <summary>HealthTrack's API.</summary>
    internal HttpClient Api { get; } = new();

    /// <summary>Seconds that a test waits at most. All look at the same, so they wait together: what is not there after that time does not come.</summary>
    internal int Patience => Math.Max(5, EnoughSeconds - (int)_running.Elapsed.TotalSeconds);

    /// <summary>The one that scrapes in that way: <c>compose</c> or <c>prometheus-operator</c>.</summary>
    internal PrometheusServer Prometheus(string way) => _servers[way];

    public async ValueTask InitializeAsync()
    {
        var well = await StartAsync(StubTarget.StartAsync(https: true));
        var failing = await StartAsync(StubTarget.StartAsync());
        failing.Status = 500;
        Directory.CreateDirectory(_folder["monitors"]);
        await DeclareAsync("web", $"url: \"{well.Url}\", tls: {{insecureSkipVerify: true}}");
        await DeclareAsync("cart", $"url: \"{failing.Url}\"");
        await DeclareAsync("search", $"url: \"http://127.0.0.1:{FreePort.Next()}/\"");

        var link = FreePort.Next();
        var operatorAt = await RunAsync(
            "operator", Repository.Program("Operator", "healthtrack-operator.dll"), ApiAddress(),
            "--monitors", _folder["monitors"], "--storage", $"sqlite:{_folder["healthtrack.db"]}", "--api-port", "0", "--worker", "none", "--link-port", $"{link}",
            "--kafka", _kafka.BootstrapServers);
        Api.BaseAddress = new Uri($"http://{operatorAt}");
        var probeAt = await RunAsync(
            "probe", Repository.Program("Probe", "healthtrack-probe.dll"), AdminAddress(),
            "--operator", $"http://127.0.0.1:{link}", "--worker-id", "worker-1", "--spool", _folder["spool"], "--admin-port", "0");

        _servers["compose"] = await StartAsync(PrometheusServer.StartAsync(_folder["compose"], text => Replace(Replace(text, "operator:8000", operatorAt), "probe:8002", probeAt)));
        _servers["prometheus-operator"] = await StartAsync(PrometheusServer.StartAsync(_folder["prometheus-operator"], text => AsPrometheusOperator(text, operatorAt, probeAt)));
        _running.Start();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
            await part.DisposeAsync();
        _kafka.Dispose();
        Api.Dispose();
        _folder.Dispose();
    }

    // What prometheus-operator writes for a ServiceMonitor (monitoring.coreos.com) with honorLabels: labels of the pod on each target. The operator is there twice, as it is
    // for a while after its pod was replaced: what is shown of a monitor must not double.
    private static string AsPrometheusOperator(string text, string operatorAt, string probeAt)
    {
        text = Replace(text, "      - targets: [\"operator:8000\"]\n", Pod(operatorAt, "healthtrack-operator", "a") + Pod(operatorAt, "healthtrack-operator", "b"));
        return Replace(text, "      - targets: [\"probe:8002\"]\n", Pod(probeAt, "healthtrack-probe", "c"));
    }

    private static string Pod(string address, string service, string pod) =>
        $$"""
              - targets: ["{{address}}"]
                labels: {namespace: monitoring, service: {{service}}, pod: {{service}}-{{pod}}, container: healthtrack, endpoint: metrics, instance: "{{pod}}:8000"}

        """;

    private static string Replace(string text, string what, string by)
    {
        Assert.Contains(what, text, StringComparison.Ordinal);
        return text.Replace(what, by, StringComparison.Ordinal);
    }

    private Task DeclareAsync(string name, string http) => File.WriteAllTextAsync(
        _folder[$"monitors/{name}.yaml"],
        $$"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata: {name: {{name}}, namespace: shop}
        spec:
          interval: 2s
          timeout: 1500ms
          http: { {{http}} }

        """);

    private async Task<T> StartAsync<T>(Task<T> start)
        where T : IAsyncDisposable
    {
        var part = await start;
        _parts.Add(part);
        return part;
    }

    // Starts a program and waits until it says where it listens.
    private async Task<string> RunAsync(string name, string program, Regex address, params string[] arguments)
    {
        var log = _folder[$"{name}.log"];
        await File.WriteAllTextAsync(log, ""); // The shell that starts it makes the file a moment later.
        var process = ServerProcess.Start("dotnet", log, [program, .. arguments]);
        _parts.Add(process);
        return await Eventually.GetAsync(
            async () =>
            {
                var said = await File.ReadAllTextAsync(log);
                Assert.False(process.HasExited, $"The {name} ended: {said}");
                return address.Match(said) is { Success: true } match ? match.Groups[1].Value : null;
            },
            $"the {name} listens", 60);
    }

    [GeneratedRegex(@"its API is at http://(\S+)")]
    private static partial Regex ApiAddress();

    [GeneratedRegex(@"its admin port is at http://(\S+)")]
    private static partial Regex AdminAddress();
}
