using HealthTrack.Core.Ports;
using HealthTrack.Operator.Controllers;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Tests.Runtime;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using System.Collections.Concurrent;

namespace HealthTrack.Operator.Tests.Entities;

/// <summary>The Kubernetes side of the ports in a namespace of its own.</summary>
internal sealed class Operated : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly KubernetesApi _api;
    private readonly EntityControllerService<V1Alpha1ServiceMonitor> _service;
    private Task _reading = Task.CompletedTask;

    private Operated(FaultyProxy proxy, string ns, KubernetesApi api)
    {
        Proxy = proxy;
        Namespace = ns;
        _api = api;
        var controller = new ServiceMonitorController();
        Monitors = new ResourceClient<V1Alpha1ServiceMonitor>(api, V1Alpha1ServiceMonitor.Definition);
        Secrets = new KubernetesSecretSource(new ResourceClient<V1Secret>(api, ResourceDefinition.Of<V1Secret>()), TimeProvider.System);
        Writer = new KubernetesMonitorWriter(Monitors, ns);
        _service = new EntityControllerService<V1Alpha1ServiceMonitor>(
            V1Alpha1ServiceMonitor.Definition, controller, [], api,
            new ControllerOptions { Namespaces = [ns], Backoff = Controlled.Quick, Watching = new() { Backoff = Controlled.Quick } },
            new ControllerMetrics(Metrics.NewCustomRegistry()), TimeProvider.System, NullLogger.Instance);
        Source = new KubernetesMonitorSource(controller, _service);
    }

    public FaultyProxy Proxy { get; }

    public string Namespace { get; }

    public ResourceClient<V1Alpha1ServiceMonitor> Monitors { get; }

    public KubernetesMonitorSource Source { get; }

    public KubernetesMonitorWriter Writer { get; }

    public KubernetesSecretSource Secrets { get; }

    public ConcurrentQueue<MonitorEvent> Events { get; } = new();

    public static async Task<Operated> CreateAsync(KubernetesApiServer server, CancellationToken cancellationToken, string? token = null)
    {
        var proxy = await FaultyProxy.StartAsync(server, cancellationToken);
        var kubeconfig = token is null ? server.KubeconfigThrough(proxy.Address) : server.Kubeconfig(token, proxy.Address);
        var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        return new Operated(proxy, await server.CreateNamespaceAsync(cancellationToken), api);
    }

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        await _service.StartAsync(cancellationToken);
        _reading = ReadAsync();
        await Eventually.True(() => Events.Any(e => e is MonitorsSynced), "the source is synced", cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _service.StopAsync(CancellationToken.None);
        await _reading;
        _service.Dispose();
        _api.Dispose();
        _stop.Dispose();
        await Proxy.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var said in Source.WatchAsync(_stop.Token))
                Events.Enqueue(said);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The end of the test.
        }
    }
}
