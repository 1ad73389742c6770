using System.Reflection;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Results;
using Prometheus;

namespace HealthTrack.Engine.Metrics;

/// <summary>The metrics of HealthTrack itself, in the application's own registry.</summary>
internal sealed class MachineryMetrics
{
    private readonly CollectorRegistry _registry;

    public MachineryMetrics(CollectorRegistry registry, Fleet fleet, Dispatcher dispatcher)
    {
        _registry = registry;
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        DotNetStats.Register(registry);
        factory.CreateGauge("healthtrack_build_info", "The version that runs; always 1.", ["version"]).WithLabels(Version()).Set(1);
        var monitors = factory.CreateGauge("healthtrack_monitors", "Monitors that are declared.");
        var workers = new WorkerMetrics(factory);
        registry.AddBeforeCollectCallback(() =>
        {
            monitors.Set(fleet.Count);
            workers.Update(dispatcher.Sessions);
        });
    }

    /// <summary>Writes all of it in the text format.</summary>
    public Task WriteAsync(Stream output, CancellationToken cancellationToken) =>
        _registry.CollectAndExportAsTextAsync(output, ExpositionFormat.PrometheusText, cancellationToken);

    private static string Version() =>
        typeof(MachineryMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
