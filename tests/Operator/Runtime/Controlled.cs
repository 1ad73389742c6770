using System.Text;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace HealthTrack.Operator.Tests.Runtime;

/// <summary>A whole controller over a kind of the test's own, behind a proxy that breaks what it is told to.</summary>
internal sealed class Controlled : IAsyncDisposable
{
    public static readonly Backoff Quick = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50));

    private readonly KubernetesApi _api;
    private readonly CollectorRegistry _registry;

    private Controlled(FaultyProxy proxy, Widgets widgets, KubernetesApi api, CollectorRegistry registry, ControllerMetrics metrics, ControllerOptions options, IEntityFinalizer<Widget>[] finalizers)
    {
        Proxy = proxy;
        Widgets = widgets;
        _api = api;
        _registry = registry;
        Client = new ResourceClient<Widget>(api, widgets.Definition);
        var scoped = options with
        {
            Namespaces = options.Namespaces.Count > 0 ? options.Namespaces : [widgets.Namespace],
            Backoff = Quick,
            Watching = options.Watching with { Backoff = Quick },
        };
        Service = new EntityControllerService<Widget>(
            widgets.Definition, Controller, finalizers, api, scoped, metrics, TimeProvider.System, NullLogger.Instance);
    }

    public FaultyProxy Proxy { get; }

    public Widgets Widgets { get; }

    public RecordingController Controller { get; } = new();

    public ResourceClient<Widget> Client { get; }

    public EntityControllerService<Widget> Service { get; }

    public static async Task<Controlled> CreateAsync(
        KubernetesApiServer server, CancellationToken cancellationToken, ControllerOptions? options = null, params IEntityFinalizer<Widget>[] finalizers)
    {
        var proxy = await FaultyProxy.StartAsync(server, cancellationToken);
        var widgets = await Widgets.DefineAsync(server, cancellationToken);
        var registry = Metrics.NewCustomRegistry();
        var metrics = new ControllerMetrics(registry);
        var api = new KubernetesApi(KubernetesClientConfiguration.BuildConfigFromConfigFile(server.KubeconfigThrough(proxy.Address)), metrics.Requests);
        return new Controlled(proxy, widgets, api, registry, metrics, options ?? new(), finalizers);
    }

    public async Task<string> ScrapeAsync(CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(stream, cancellationToken);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await Service.StopAsync(CancellationToken.None);
        Service.Dispose();
        _api.Dispose();
        await Proxy.DisposeAsync();
    }
}
