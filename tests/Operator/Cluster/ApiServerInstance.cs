using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace HealthTrack.Operator.Tests.Cluster;

/// <summary>
/// A real kube-apiserver over a real etcd, both on loopback ports of the system's choice and in a temporary folder, with HealthTrack's definitions and
/// roles. Controllers do not run: nothing is cascaded, no Deployment gets pods. It goes when this process does.
/// </summary>
public class ApiServerInstance : IAsyncDisposable
{
    private const string AdminToken = "admin-token";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private int _kubeconfigs;

    private readonly string _folder = Directory.CreateTempSubdirectory("healthtrack-apiserver-").FullName;
    private readonly HttpClient _http;
    private readonly int _port;
    private readonly int _etcdPort;
    private readonly int _etcdPeerPort;
    private string _assets = "";
    private ServerProcess? _etcd;
    private ServerProcess? _apiserver;

    public ApiServerInstance()
    {
        (_port, _etcdPort, _etcdPeerPort) = FreePorts();
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true; // Its own, new for each start.
        _http = new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken);
    }

    /// <summary>Where it listens: https, on 127.0.0.1.</summary>
    public Uri Address => new($"https://127.0.0.1:{_port}");

    /// <summary>A kubeconfig of a user who may do everything.</summary>
    public string AdminKubeconfig => Path.Combine(_folder, "admin.kubeconfig");

    /// <summary>The kubectl that goes with the server.</summary>
    public string Kubectl => Path.Combine(_assets, "kubectl");

    /// <summary>The key, PEM, that the server signs the tokens of ServiceAccounts with.</summary>
    public string ServiceAccountKey => File.ReadAllText(Path.Combine(_folder, "sa.key"));

    /// <summary>The processes of the API server and its etcd.</summary>
    public IReadOnlyList<int> ProcessIds => [_apiserver!.Id, _etcd!.Id];

    /// <summary>A client of a user who may do everything.</summary>
    public HttpClient Admin => _http;

    /// <summary>Starts it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await StartBareAsync(cancellationToken);
        foreach (var definition in Directory.GetFiles(Repository.File("config", "crd"), "*.yaml"))
            await ApplyAsync(definition, cancellationToken);
        await KubectlAsync(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"], cancellationToken);
        await KubectlAsync(["create", "namespace", "healthtrack"], cancellationToken);
        foreach (var roles in Directory.GetFiles(Repository.File("config", "rbac"), "*.yaml"))
            await ApplyAsync(roles, cancellationToken);
    }

    /// <summary>Starts it without anything of HealthTrack's.</summary>
    public async Task StartBareAsync(CancellationToken cancellationToken)
    {
        _assets = await AssetsAsync();
        WriteSecrets();
        var deadline = Stopwatch.StartNew();
        _etcd = StartEtcd();
        _apiserver = StartApiserver();
        await UntilReadyAsync(deadline, cancellationToken);
    }

    public virtual async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_apiserver is not null)
            await _apiserver.DisposeAsync();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes the API server away: connections break, new ones are refused. What it holds stays in etcd.</summary>
    public async Task StopAsync()
    {
        await _apiserver!.DisposeAsync();
        _apiserver = null;
    }

    /// <summary>Brings it back on the same port.</summary>
    public async Task RestartAsync()
    {
        if (_apiserver is not null)
            throw new InvalidOperationException("The API server runs.");
        _apiserver = StartApiserver();
        await UntilReadyAsync(Stopwatch.StartNew(), CancellationToken.None);
    }

    /// <summary>Freezes the API server: connections stay open, and nothing answers.</summary>
    public Task PauseAsync(CancellationToken cancellationToken) => _apiserver!.SignalAsync("STOP", cancellationToken);

    /// <summary>Lets it go on.</summary>
    public Task ResumeAsync(CancellationToken cancellationToken) => _apiserver!.SignalAsync("CONT", cancellationToken);

    /// <summary>A kubeconfig for a bearer token, through a proxy where <paramref name="server"/> names one.</summary>
    public string Kubeconfig(string token, Uri? server = null, string ns = "default")
    {
        var path = Path.Combine(_folder, $"{Interlocked.Increment(ref _kubeconfigs)}.kubeconfig");
        File.WriteAllText(path, KubeconfigText(token, server ?? Address, ns));
        return path;
    }

    /// <summary>An admin's kubeconfig through a proxy.</summary>
    public string KubeconfigThrough(Uri server) => Kubeconfig(AdminToken, server);

    /// <summary>A token of the operator's ServiceAccount, with the roles that were installed (config/rbac, unless the server was started bare) and no other right.</summary>
    public async Task<string> OperatorTokenAsync(CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["spec"] = new JsonObject { ["expirationSeconds"] = 3600 } };
        var answer = await PostAsync("/api/v1/namespaces/healthtrack/serviceaccounts/healthtrack-operator/token", request, cancellationToken);
        return (string)answer["status"]!["token"]!;
    }

    /// <summary>Gives the operator's ServiceAccount in a namespace what config/rbac gives it in its own: the right to be elected there.</summary>
    public async Task AllowElectionAsync(string ns, CancellationToken cancellationToken)
    {
        var text = await File.ReadAllTextAsync(Repository.File("config", "rbac", "leader-election.yaml"), cancellationToken);
        var file = Path.Combine(_folder, $"{ns}-election.yaml");
        // The metadata's namespace, not that of the subject, which is deeper.
        await File.WriteAllTextAsync(file, text.Replace("\n  namespace: healthtrack\n", $"\n  namespace: {ns}\n", StringComparison.Ordinal), cancellationToken);
        await ApplyAsync(file, cancellationToken);
    }

    /// <summary>Posts an object as an admin.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonNode body, CancellationToken cancellationToken)
    {
        using var content = new StringContent(body.ToJsonString(), null, "application/json");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"POST {path}: {(int)answer.StatusCode} {text}");
    }

    /// <summary>Applies a file with kubectl, as a user would on a server that knows no CEL.</summary>
    public async Task ApplyAsync(string file, CancellationToken cancellationToken) =>
        await KubectlAsync(["apply", "--validate=false", "-f", file], cancellationToken);

    /// <summary>Runs kubectl as an admin; throws where it does not answer 0.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> KubectlAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Kubectl) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add($"--kubeconfig={AdminKubeconfig}");
        start.ArgumentList.Add($"--cache-dir={Path.Combine(_folder, "kubectl")}");
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {await errors}");
    }

    private ServerProcess StartEtcd() => ServerProcess.Start(
        Path.Combine(_assets, "etcd"), Path.Combine(_folder, "etcd.log"),
        "--data-dir", Path.Combine(_folder, "etcd"), "--unsafe-no-fsync",
        "--listen-client-urls", $"http://127.0.0.1:{_etcdPort}", "--advertise-client-urls", $"http://127.0.0.1:{_etcdPort}",
        "--listen-peer-urls", $"http://127.0.0.1:{_etcdPeerPort}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{_etcdPeerPort}",
        "--initial-cluster", $"default=http://127.0.0.1:{_etcdPeerPort}");

    private ServerProcess StartApiserver() => ServerProcess.Start(
        Path.Combine(_assets, "kube-apiserver"), Path.Combine(_folder, "apiserver.log"),
        $"--etcd-servers=http://127.0.0.1:{_etcdPort}", $"--secure-port={_port}", "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
        $"--cert-dir={Path.Combine(_folder, "certs")}", "--service-account-issuer=https://kubernetes.default.svc",
        $"--service-account-signing-key-file={Path.Combine(_folder, "sa.key")}", $"--service-account-key-file={Path.Combine(_folder, "sa.key")}",
        $"--token-auth-file={Path.Combine(_folder, "tokens.csv")}", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
        // Both wait for a controller: for a token that is mounted, and for leave to delete a claim.
        "--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection");

    private void WriteSecrets()
    {
        using var key = RSA.Create(2048);
        File.WriteAllText(Path.Combine(_folder, "sa.key"), key.ExportRSAPrivateKeyPem());
        File.WriteAllText(Path.Combine(_folder, "tokens.csv"), $"{AdminToken},admin,admin,system:masters\n");
        File.WriteAllText(AdminKubeconfig, KubeconfigText(AdminToken, Address));
    }

    private async Task UntilReadyAsync(Stopwatch since, CancellationToken cancellationToken)
    {
        while (!await IsReadyAsync())
        {
            var log = () => File.ReadLines(Path.Combine(_folder, "apiserver.log")).Concat(File.ReadLines(Path.Combine(_folder, "etcd.log"))).TakeLast(20);
            if (_apiserver!.HasExited || _etcd!.HasExited || since.Elapsed > StartLimit)
                throw new InvalidOperationException($"The API server did not start:\n{string.Join('\n', log())}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    // Where none is at hand the script builds it, once: minutes, with a word on what it does.
    private static async Task<string> AssetsAsync()
    {
        var start = new ProcessStartInfo(Repository.File("eng", "kube-apiserver.sh")) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var folder = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? folder.Trim() : throw new InvalidOperationException("There is no API server to test against: eng/kube-apiserver.sh says why.");
    }

    private static string KubeconfigText(string token, Uri server, string ns = "default")
    {
        var tls = server.Scheme == "https" ? ", insecure-skip-tls-verify: true" : "";
        return $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters: [{name: test, cluster: {server: "{{server.GetLeftPart(UriPartial.Authority)}}"{{tls}} } }]
            users: [{name: test, user: {token: "{{token}}" } }]
            contexts: [{name: test, context: {cluster: test, user: test, namespace: "{{ns}}" } }]

            """;
    }

    // Held together until all are known, so that they differ.
    private static (int, int, int) FreePorts()
    {
        using var a = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var b = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var c = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Socket[] all = [a, b, c];
        foreach (var socket in all)
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
        return (PortOf(a), PortOf(b), PortOf(c));
    }
}
