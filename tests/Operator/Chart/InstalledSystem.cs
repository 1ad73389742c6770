using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Tests.Trust;
using HealthTrack.Operator.Tests.Whole;

namespace HealthTrack.Operator.Tests.Chart;

/// <summary>
/// Runs what a release installed, as the kubelet would: the containers' own arguments, variables and files, as their ServiceAccounts, but on loopback and on ports that the
/// system picks. The release is in the namespace <c>default</c>, which a process outside a pod takes for its own.
/// </summary>
internal sealed class InstalledSystem(ChartCluster cluster) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("healthtrack-installed-");
    private readonly int _linkPort = FreePort();
    private ServerProcess? _worker;

    /// <summary>The operator.</summary>
    public OperatorProcess Operator { get; private set; } = null!;

    /// <summary>What the worker said last.</summary>
    public string WorkerLog => File.ReadAllText(Path.Combine(_folder.FullName, "worker.log"));

    /// <summary>Starts the operator of the Deployment that the chart made.</summary>
    public async Task StartOperatorAsync(CancellationToken cancellationToken)
    {
        var pod = await PodAsync("healthtrack-operator", cancellationToken);
        var token = await cluster.TokenAsync("default", (string)pod["serviceAccountName"]!, cancellationToken);
        var arguments = await ArgumentsAsync(pod, ["--bind", "--api-port", "--link-port"], cancellationToken);
        Operator = await OperatorProcess.StartAsync(
            await EnvironmentAsync(pod, cancellationToken), cancellationToken,
            ["--link-port", _linkPort.ToString(CultureInfo.InvariantCulture), "--kubeconfig", cluster.Kubeconfig(token), .. arguments]);
    }

    /// <summary>Starts a worker of the Deployment that the operator made for its pool.</summary>
    public async Task StartWorkerAsync(CancellationToken cancellationToken)
    {
        var pod = await PodAsync("healthtrack-probe-default", cancellationToken);
        Assert.Equal("healthtrack/probe:0.1.0", (string?)pod["containers"]![0]!["image"]);
        var arguments = await ArgumentsAsync(pod, ["--bind", "--admin-port", "--operator"], cancellationToken);
        _worker = ServerProcess.Start(
            "dotnet", Path.Combine(_folder.FullName, "worker.log"),
            [
                Path.Combine(AppContext.BaseDirectory, "healthtrack-probe.dll"), "--operator", $"https://localhost:{_linkPort}", "--admin-port", "0", "--worker-id", "worker-0",
                .. arguments,
            ]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        if (Operator is not null)
            await Operator.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<JsonNode> PodAsync(string deployment, CancellationToken cancellationToken)
    {
        JsonNode? found = null;
        await Eventually.TrueAsync(
            async () => (found = await cluster.FindAsync($"/apis/apps/v1/namespaces/default/deployments/{deployment}", cancellationToken)) is not null, $"{deployment} is there", cancellationToken);
        return found!["spec"]!["template"]!["spec"]!;
    }

    // With the files of its volumes where the paths in them point to.
    private async Task<List<string>> ArgumentsAsync(JsonNode pod, string[] without, CancellationToken cancellationToken)
    {
        var container = pod["containers"]![0]!;
        var arguments = new List<string>();
        var given = container["args"]!.AsArray().Select(a => (string)a!).ToList();
        for (var i = 0; i < given.Count; i++)
        {
            // The chart writes --flag=value, the operator --flag value.
            if (!without.Contains(given[i].Split('=')[0]))
                arguments.Add(given[i]);
            else if (!given[i].Contains('=', StringComparison.Ordinal))
                i++;
        }
        var folders = new Dictionary<string, string>();
        foreach (var mount in container["volumeMounts"]!.AsArray())
        {
            var volume = pod["volumes"]!.AsArray().Single(v => (string?)v!["name"] == (string?)mount!["name"])!;
            folders[(string)mount!["mountPath"]!] = await MaterialiseAsync(pod, volume, cancellationToken);
        }
        return [.. arguments.Select(a => folders.Keys.FirstOrDefault(path => a.Split('=')[^1].StartsWith(path, StringComparison.Ordinal)) is { } path
            ? a.Replace(path, folders[path], StringComparison.Ordinal)
            : a)];
    }

    private async Task<string> MaterialiseAsync(JsonNode pod, JsonNode volume, CancellationToken cancellationToken)
    {
        var folder = _folder.CreateSubdirectory($"{(string?)pod["serviceAccountName"]}-{(string?)volume["name"]}").FullName;
        if (volume["secret"] is { } secret)
        {
            var data = (await ReadAsync("secrets", (string)secret["secretName"]!, cancellationToken))["data"]!;
            foreach (var item in secret["items"]!.AsArray())
                await File.WriteAllBytesAsync(Path.Combine(folder, (string)item!["path"]!), Convert.FromBase64String((string)data[(string)item["key"]!]!), cancellationToken);
        }
        else if (volume["configMap"] is { } map)
        {
            foreach (var (key, text) in (await ReadAsync("configmaps", (string)map["name"]!, cancellationToken))["data"]!.AsObject())
                await File.WriteAllTextAsync(Path.Combine(folder, key), (string)text!, cancellationToken);
        }
        else if (volume["projected"] is { } projected)
        {
            var token = projected["sources"]!.AsArray().Single()!["serviceAccountToken"]!;
            var shown = await cluster.TokenAsync("default", (string)pod["serviceAccountName"]!, cancellationToken, (string)token["audience"]!);
            await File.WriteAllTextAsync(Path.Combine(folder, (string)token["path"]!), shown, cancellationToken);
        }
        return folder;
    }

    private async Task<Dictionary<string, string>> EnvironmentAsync(JsonNode pod, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>();
        foreach (var variable in pod["containers"]![0]!["env"]!.AsArray())
        {
            var wanted = variable!["valueFrom"]!["secretKeyRef"]!;
            var data = (await ReadAsync("secrets", (string)wanted["name"]!, cancellationToken))["data"]!;
            environment[(string)variable["name"]!] = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)data[(string)wanted["key"]!]!));
        }
        return environment;
    }

    private async Task<JsonNode> ReadAsync(string resource, string name, CancellationToken cancellationToken) =>
        await cluster.FindAsync($"/api/v1/namespaces/default/{resource}/{name}", cancellationToken) ?? throw new InvalidOperationException($"There is no {name} among the {resource}.");

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
