using System.Collections.Concurrent;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace HealthTrack.Operator.Tests.Runtime;

/// <summary>A reflector over a kind of the test's own, behind a proxy that breaks what it is told to.</summary>
internal sealed class Watched : IAsyncDisposable
{
    private static readonly Backoff Quick = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50));

    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesApi _api;
    private Task _running = Task.CompletedTask;

    private Watched(FaultyProxy proxy, Widgets widgets, KubernetesApi api, ReflectorOptions options)
    {
        Proxy = proxy;
        Widgets = widgets;
        _api = api;
        Store = new ResourceStore<Widget>(Changes.Enqueue);
        var metrics = new ControllerMetrics(Metrics.NewCustomRegistry());
        Reflector = new Reflector<Widget>(
            api, widgets.Definition, widgets.Namespace, Store, options, metrics.Reflectors, TimeProvider.System, NullLogger.Instance);
    }

    public FaultyProxy Proxy { get; }

    public Widgets Widgets { get; }

    public ResourceStore<Widget> Store { get; }

    public Reflector<Widget> Reflector { get; }

    public ConcurrentQueue<StoreChange<Widget>> Changes { get; } = new();

    public IEnumerable<string> Names => Store.Keys.Select(k => k.Name).Order(StringComparer.Ordinal);

    public static async Task<Watched> CreateAsync(
        KubernetesApiServer server, CancellationToken cancellationToken, bool define = true, string? token = null, ReflectorOptions? options = null)
    {
        var proxy = await FaultyProxy.StartAsync(server, cancellationToken);
        var widgets = define
            ? await Widgets.DefineAsync(server, cancellationToken)
            : new Widgets(server, await server.CreateNamespaceAsync(cancellationToken));
        var kubeconfig = token is null ? server.KubeconfigThrough(proxy.Address) : server.Kubeconfig(token, proxy.Address);
        var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        return new Watched(proxy, widgets, api, (options ?? new ReflectorOptions { ShortWatch = TimeSpan.Zero }) with { Backoff = Quick });
    }

    public void Start() => _running = Reflector.RunAsync(_stop.Token);

    public int? SizeOf(string name) => Store.TryGet(new ResourceKey(Widgets.Namespace, name), out var widget) ? widget.Spec?.Size : null;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _api.Dispose();
        await Proxy.DisposeAsync();
    }
}
