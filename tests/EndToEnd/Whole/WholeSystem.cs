using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using HealthTrack.EndToEnd.Tests.Observability;
using HealthTrack.Engine.Tests.Alerts;
using HealthTrack.Engine.Tests.Events;
using HealthTrack.Engine.Tests.Storage;
using HealthTrack.Operator.Tests.Chart;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Tests.Whole.Failover;
using Npgsql;

namespace HealthTrack.EndToEnd.Tests.Whole;

/// <summary>
/// HealthTrack as it runs in production, on one machine: API server, Postgres, Redis, a broker, Prometheus, the operator, two workers and the dashboard, each a
/// process of its own (the broker is librdkafka's, which speaks the protocol), and a receiver of messages. The operator has the rights that the chart gives it, and no other.
/// </summary>
public sealed class WholeSystem : IAsyncLifetime
{
    /// <summary>Where the monitors and their channel are.</summary>
    public const string Namespace = "shop";

    private const string Link = "link";
    private readonly string _folder = Directory.CreateTempSubdirectory("healthtrack-whole-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly List<SupervisedProcess> _programs = [];
    private readonly ApiServerInstance _cluster = new();
    private PostgresInstance _postgres = null!;
    private PrometheusServer _prometheus = null!;
    private string _api = "";
    private string _dashboard = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal RedisServer Redis { get; private set; } = null!;

    internal MockCluster Kafka { get; private set; } = null!;

    /// <summary>What stands for Slack.</summary>
    internal Receiver Slack { get; private set; } = null!;

    internal SupervisedProcess Operator { get; private set; } = null!;

    /// <summary>The dashboard's address.</summary>
    internal string Dashboard => _dashboard;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresInstance.StartNewAsync(Token);
        Redis = await RedisServer.StartNewAsync(Token);
        Kafka = MockCluster.Start();
        Slack = await Receiver.StartAsync(Token);
        await _cluster.StartBareAsync(Token);
        await InstallRolesAsync();
        var (api, link, admin, front) = (FreePort.Next(), FreePort.Next(), FreePort.Next(), FreePort.Next());
        _api = $"http://127.0.0.1:{api}";
        StartOperator(api, link, _cluster.Kubeconfig(await _cluster.OperatorTokenAsync(Token), ns: "healthtrack"));
        for (var i = 0; i < 2; i++)
            StartProbe($"probe-{i}", link, i == 0 ? admin : 0);
        _dashboard = $"http://127.0.0.1:{front}";
        Run("dashboard", Repository.Program("Dashboard", "HealthTrack.Dashboard.dll"), "--api", $"http://127.0.0.1:{api}", "--port", Text(front));
        // What compose uses, but for the addresses and the interval.
        _prometheus = await PrometheusServer.StartAsync(Path.Combine(_folder, "prometheus"), text => text
            .Replace("operator:8000", $"127.0.0.1:{api}", StringComparison.Ordinal)
            .Replace("probe:8002", $"127.0.0.1:{admin}", StringComparison.Ordinal)
            .Replace("interval: 15s", "interval: 1s", StringComparison.Ordinal)
            .Replace("timeout: 10s", "timeout: 1s", StringComparison.Ordinal));
        await DeclareChannelAsync();
        await Eventually.BeAsync(async () => await GetAsync($"{_api}/workers") is JsonArray { Count: 2 }, $"both workers are connected\n{Tails()}", 90);
        await Eventually.BeAsync(async () => await GetAsync($"{_dashboard}/api/services") is JsonArray, $"the dashboard answers\n{Tails()}", 60);
    }

    /// <summary>What the operator exports to Prometheus.</summary>
    internal Task<string> MetricsAsync() => _http.GetStringAsync(new Uri($"{_api}/metrics"), Token);

    /// <summary>Applies an object with kubectl.</summary>
    internal async Task ApplyAsync(string manifest)
    {
        var file = Path.Combine(_folder, "manifest.yaml");
        await File.WriteAllTextAsync(file, manifest, Token);
        await _cluster.ApplyAsync(file, Token);
    }

    /// <summary>Waits until the status of a ServiceMonitor has a health; as kubectl shows it.</summary>
    internal Task UntilHealthAsync(string name, string health) => Eventually.BeAsync(
        async () => await _cluster.KubectlAsync(["get", "htm", name, "-n", Namespace, "-o", "jsonpath={.status.health}"], Token) == health,
        $"{name} is {health}\n{Tails()}", 60);

    /// <summary>Asks Prometheus, until the value of the one series is as wanted.</summary>
    internal Task UntilPrometheusSaysAsync(string query, double value) => Eventually.BeAsync(
        async () =>
        {
            var series = await _prometheus.QueryAsync(query);
            return series is [var one] && double.Parse(one.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture) == value;
        },
        $"{query} is {value}\n{Tails()}", 60);

    /// <summary>What a GET answers; null where it is not JSON or not 200.</summary>
    internal async Task<JsonNode?> GetAsync(string url)
    {
        try
        {
            return await _http.GetFromJsonAsync<JsonNode>(new Uri(url), Token);
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException || (e is OperationCanceledException && !Token.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>What every program said last, for the message of a failure.</summary>
    internal string Tails() => string.Join("\n\n", _programs.Select(p => p.Tail));

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs.AsEnumerable().Reverse())
            await program.DisposeAsync();
        if (_prometheus is not null)
            await _prometheus.DisposeAsync();
        await _cluster.DisposeAsync();
        if (Slack is not null)
            await Slack.DisposeAsync();
        Kafka?.Dispose();
        if (Redis is not null)
            await Redis.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void StartOperator(int api, int link, string kubeconfig)
    {
        File.WriteAllText(Path.Combine(_folder, Link), Guid.NewGuid().ToString("N"));
        var store = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = _postgres.Port, Username = PostgresInstance.User, Password = PostgresInstance.Password, Database = "postgres",
        };
        Operator = Run(
            "operator", Repository.Program("Operator", "healthtrack-operator.dll"), "--kubeconfig", kubeconfig, "--storage", store.ConnectionString,
            "--redis", Redis.Address, "--kafka", Kafka.BootstrapServers, "--worker", "none", "--api-port", Text(api), "--link-port", Text(link),
            "--link-token-file", Path.Combine(_folder, Link), "--public-url", "http://127.0.0.1:3000");
    }

    private void StartProbe(string name, int link, int admin) => Run(
        name, Repository.Program("Probe", "healthtrack-probe.dll"), "--operator", $"http://127.0.0.1:{link}", "--pool", "default", "--token-file", Path.Combine(_folder, Link),
        "--admin-port", Text(admin), "--worker-id", name, "--spool", Directory.CreateDirectory(Path.Combine(_folder, $"spool-{name}")).FullName);

    // What the chart installs, but for the pods and what is around them.
    private async Task InstallRolesAsync()
    {
        await _cluster.KubectlAsync(["create", "namespace", "healthtrack"], Token);
        var helm = await HelmProgram.FindAsync(_folder, _cluster.AdminKubeconfig);
        string[] kinds = ["CustomResourceDefinition", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];
        var objects = (await helm.RenderAsync(Token, "--set", "storage.postgres.existingSecret=healthtrack-postgres")).Where(o => kinds.Contains(o.Kind)).ToList();
        Assert.Equal(kinds.Order(), objects.Select(o => o.Kind).Distinct().Order());
        await ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. objects.Select(o => o.Json.DeepClone())]),
        }.ToJsonString());
        await _cluster.KubectlAsync(["wait", "--for=condition=Established", "--timeout=60s", "crd", "--all"], Token);
    }

    private async Task DeclareChannelAsync()
    {
        await _cluster.KubectlAsync(["create", "namespace", Namespace], Token);
        await _cluster.KubectlAsync(["create", "secret", "generic", "slack", "-n", Namespace, $"--from-literal=url={Slack.Url}"], Token);
        await ApplyAsync(
            $"""
            apiVersion: sre.healthtrack.io/v1alpha1
            kind: NotificationChannel
            metadata:
              name: slack
              namespace: {Namespace}
            spec:
              type: slack
              secretRef:
                name: slack
            """);
    }

    private SupervisedProcess Run(string name, params string[] arguments)
    {
        var program = SupervisedProcess.Start(Path.Combine(_folder, $"{name}.log"), _ => arguments);
        _programs.Add(program);
        return program;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
