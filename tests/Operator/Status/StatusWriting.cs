using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using HealthTrack.Core.Checks;
using HealthTrack.Engine.Results;
using HealthTrack.Operator.Controllers;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Status;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Tests.Runtime;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Operator.Tests.Status;

/// <summary>
/// The status writer over a real API server, behind a proxy that breaks what it is told to. Its clock moves only when a test moves it: nothing that has to
/// wait is written before. What the rest of the operator does, the test does: it declares monitors and records their checks.
/// </summary>
internal sealed class StatusWriting : IAsyncDisposable
{
    private readonly KubernetesApiServer _server;
    private readonly KubernetesApi _api;
    private readonly EntityControllerService<V1Alpha1ServiceMonitor> _watched;
    private readonly ResourceClient<V1Alpha1ServiceMonitor> _client;
    private readonly Fleet _fleet = new();
    private readonly ChangeFeed _feed = new();
    private StatusWriter? _writer;
    private long _ids;
    private long _due;

    private StatusWriting(KubernetesApiServer server, FaultyProxy proxy, string ns, KubernetesApi api)
    {
        (_server, Proxy, Namespace, _api) = (server, proxy, ns, api);
        _client = new ResourceClient<V1Alpha1ServiceMonitor>(api, V1Alpha1ServiceMonitor.Definition);
        _watched = new EntityControllerService<V1Alpha1ServiceMonitor>(
            V1Alpha1ServiceMonitor.Definition, new ServiceMonitorController(), [], api,
            new ControllerOptions { Namespaces = [ns], Backoff = Controlled.Quick, Watching = new() { Backoff = Controlled.Quick } },
            new ControllerMetrics(Metrics.NewCustomRegistry()), TimeProvider.System, NullLogger.Instance);
    }

    public FaultyProxy Proxy { get; }

    public string Namespace { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddYears(57));

    /// <summary>Reasons of the events, with the name of the monitor.</summary>
    public ConcurrentQueue<(string Name, string Reason)> Events { get; } = new();

    public TestLease Lease { get; } = new();

    /// <summary>Names of the monitors whose status was sent, in order.</summary>
    public IReadOnlyList<string> Sent =>
        [.. Proxy.Requests.Where(r => r.StartsWith("PATCH", StringComparison.Ordinal)).Select(r => r.Split('/')[^2])];

    public static async Task<StatusWriting> StartAsync(KubernetesApiServer server, CancellationToken cancellationToken)
    {
        var proxy = await FaultyProxy.StartAsync(server, cancellationToken);
        var kubeconfig = server.Kubeconfig(await server.OperatorTokenAsync(cancellationToken), proxy.Address);
        var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        var writing = new StatusWriting(server, proxy, await server.CreateNamespaceAsync(cancellationToken), api);
        await writing._watched.StartAsync(cancellationToken);
        await writing.StartWriterAsync(cancellationToken);
        return writing;
    }

    /// <summary>Ends the writer, and begins another that remembers nothing.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        await _writer!.StopAsync(cancellationToken);
        _writer.Dispose();
        await StartWriterAsync(cancellationToken);
    }

    /// <summary>Makes a resource, and declares it as the intake does.</summary>
    public async Task<MonitorState> DeclareAsync(string name, CancellationToken cancellationToken)
    {
        await CreateAsync(name, cancellationToken);
        var key = new ResourceKey(Namespace, name);
        await Eventually.True(() => _watched.Find(key) is not null, $"{name} is seen", cancellationToken);
        var declaration = _watched.Find(key)!.ToDeclaration();
        var stored = new Engine.Storage.StoredMonitor
        {
            Id = ++_ids, Key = declaration.Key, Uid = declaration.Uid, Generation = 1, Manifest = "{}", CountsFrom = 0, CountsFromGeneration = 0, DeletedAt = null, Health = null,
        };
        var state = new MonitorState(stored, declaration, declaration.Monitor, Now);
        _fleet.Add(state);
        _feed.ServiceChanged(state.Id);
        return state;
    }

    /// <summary>Declares a monitor, checks it once, and waits until its status says so.</summary>
    public async Task<MonitorState> DeclareCheckedAsync(string name, CancellationToken cancellationToken)
    {
        var state = await DeclareAsync(name, cancellationToken);
        await UntilHealthAsync(name, "Unknown", cancellationToken);
        Check(state, Outcome.Ok, 100);
        await UntilHealthAsync(name, "Healthy", cancellationToken);
        return state;
    }

    public async Task CreateAsync(string name, CancellationToken cancellationToken) => await _server.PostAsync(
        V1Alpha1ServiceMonitor.Definition.CollectionPath(Namespace),
        JsonNode.Parse($$$"""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{{name}}}"},"spec":{"interval":"10s","http":{"url":"http://127.0.0.1:1/"} } }""")!,
        cancellationToken);

    /// <summary>Deletes the resource, and waits until the operator has seen it. The fleet still holds the monitor: the intake is behind.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        using var answer = await _server.Admin.DeleteAsync(new Uri(V1Alpha1ServiceMonitor.Definition.Path(new(Namespace, name)), UriKind.Relative), cancellationToken);
        answer.EnsureSuccessStatusCode();
        await Eventually.True(() => _watched.Find(new ResourceKey(Namespace, name)) is null, $"{name} is seen to be gone", cancellationToken);
    }

    /// <summary>Records a check, and tells of it.</summary>
    public void Check(MonitorState state, Outcome outcome, int latencyMs)
    {
        state.Record(
            new CheckResult
            {
                Uid = state.Stored.Uid, Location = "default", Worker = "test", Generation = 1, DueTime = Now - 60_000 + ++_due, StartedAt = Now, Kind = CheckKind.Scheduled,
                Outcome = outcome, LatencyMicros = latencyMs * 1000, CountsInLatency = outcome == Outcome.Ok, Message = outcome == Outcome.Ok ? null : "connection refused",
            },
            Now);
        _feed.ServiceChanged(state.Id);
    }

    /// <summary>Waits until the queue has come to what is added now: all that could be sent before was sent, or is being sent.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var fence = string.Create(CultureInfo.InvariantCulture, $"fence-{_ids}");
        await DeclareAsync(fence, cancellationToken);
        await UntilHealthAsync(fence, "Unknown", cancellationToken);
    }

    public async Task<JsonNode?> StatusAsync(string name, CancellationToken cancellationToken) => JsonNode.Parse(
        await _server.Admin.GetStringAsync(new Uri(V1Alpha1ServiceMonitor.Definition.Path(new(Namespace, name)), UriKind.Relative), cancellationToken))!["status"];

    /// <summary>Waits until a status says so, letting the clock go on by <paramref name="step"/> with each look.</summary>
    public Task UntilHealthAsync(string name, string health, CancellationToken cancellationToken, TimeSpan step = default) => Eventually.TrueAsync(
        async () =>
        {
            Time.Advance(step);
            return (string?)(await StatusAsync(name, cancellationToken))?["health"] == health;
        },
        $"{name} is {health}",
        cancellationToken);

    /// <summary>How often the status of a monitor was sent.</summary>
    public int SentOf(string name) => Sent.Count(n => n == name);

    public async ValueTask DisposeAsync()
    {
        await _writer!.StopAsync(CancellationToken.None);
        _writer.Dispose();
        await _watched.StopAsync(CancellationToken.None);
        _watched.Dispose();
        _api.Dispose();
        await Proxy.DisposeAsync();
    }

    private long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task StartWriterAsync(CancellationToken cancellationToken)
    {
        var registry = Metrics.NewCustomRegistry();
        _writer = new StatusWriter(
            _fleet, _feed, _watched, _client,
            (entity, reason, _, _, _) =>
            {
                Events.Enqueue((entity.Metadata.Name, reason));
                return Task.CompletedTask;
            },
            Lease, new StatusMetrics(registry), new ControllerMetrics(registry).Queue("status"), Time, NullLogger<StatusWriter>.Instance);
        await _writer.StartAsync(cancellationToken);
    }

    internal sealed class TestLease : ILeaseHold
    {
        private volatile bool _held = true;
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public bool IsHeld
        {
            get
            {
                Interlocked.Increment(ref _asked);
                return _held;
            }
            set => _held = value;
        }
    }
}
