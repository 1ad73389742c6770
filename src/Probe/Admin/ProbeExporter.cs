using System.Diagnostics.Metrics;
using System.Reflection;
using HealthTrack.Probe.Link;
using HealthTrack.Probe.Scheduling;
using Microsoft.Extensions.Hosting;
using Prometheus;

namespace HealthTrack.Probe.Admin;

/// <summary>The worker's numbers in Prometheus' text format: what its meter counts, and what it is at the moment of the scrape.</summary>
internal sealed class ProbeExporter : IHostedService, IDisposable
{
    private static readonly double[] LagBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MeterListener _listener = new();

    public ProbeExporter(IMeterFactory meters, CheckScheduler scheduler, ResultOutbox outbox, SpoolWriter spool, LinkState link, LoadMeter load)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        DotNetStats.Register(_registry);
        factory.CreateGauge("healthtrack_probe_build_info", "The version that runs; always 1.", ["version"]).WithLabels(Version()).Set(1);
        Listen(meters, factory);

        var inFlight = factory.CreateGauge("healthtrack_probe_checks_in_flight", "Checks that are running.");
        var assigned = factory.CreateGauge("healthtrack_probe_assignments", "Assignments held.");
        var waiting = factory.CreateGauge("healthtrack_probe_results_unacknowledged", "Results that wait for their acknowledgement.");
        var spooled = factory.CreateGauge("healthtrack_probe_results_spooled", "Results that wait and are in the spool alone.");
        var bytes = factory.CreateGauge("healthtrack_probe_spool_bytes", "Bytes in the spool's files.");
        var writable = factory.CreateGauge("healthtrack_probe_spool_writable", "1 while the spool can be written, 0 where it cannot or there is none.");
        var connected = factory.CreateGauge("healthtrack_probe_connected", "1 while the control plane is connected.");
        var loaded = factory.CreateGauge("healthtrack_probe_load_ratio", "The larger of the share of its processors and of its running checks; 1 is full.");
        _registry.AddBeforeCollectCallback(() =>
        {
            inFlight.Set(scheduler.InFlight);
            assigned.Set(scheduler.Assigned);
            waiting.Set(outbox.Count);
            spooled.Set(outbox.Spooled);
            bytes.Set(spool.Bytes);
            writable.Set(spool is { IsThere: true, Problem: null } ? 1 : 0);
            connected.Set(link.Now.Connected ? 1 : 0);
            loaded.Set(load.Load);
        });
    }

    /// <summary>Writes all of it.</summary>
    public Task WriteAsync(Stream output, CancellationToken cancellationToken) =>
        _registry.CollectAndExportAsTextAsync(output, ExpositionFormat.PrometheusText, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();

    private void Listen(IMeterFactory meters, MetricFactory factory)
    {
        var checks = factory.CreateCounter("healthtrack_probe_checks_total", "Checks made, by outcome.", ["outcome"]);
        // A series that is there from the start has a rate from the first check.
        foreach (var outcome in ProbeMetrics.Outcomes)
            checks.WithLabels(outcome);
        var counters = new Dictionary<string, Counter>
        {
            ["healthtrack.probe.missed"] = factory.CreateCounter("healthtrack_probe_checks_missed_total", "Due times that were not run."),
            ["healthtrack.probe.refused"] =
                factory.CreateCounter("healthtrack_probe_checks_refused_total", "Due times missed because too many checks were running."),
            ["healthtrack.probe.dropped"] = factory.CreateCounter("healthtrack_probe_results_dropped_total", "Results lost because too many waited."),
            ["healthtrack.probe.spool_failures"] =
                factory.CreateCounter("healthtrack_probe_spool_failures_total", "Attempts to write the spool that failed."),
        };
        var lag = factory.CreateHistogram(
            "healthtrack_probe_scheduler_lag_seconds", "Lateness of scheduled checks.", new HistogramConfiguration { Buckets = LagBounds });
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == ProbeMetrics.MeterName && instrument.Meter.Scope == meters && !instrument.IsObservable)
                self.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (counters.TryGetValue(instrument.Name, out var counter))
                counter.Inc(value);
            else if (tags is [{ Value: string outcome }])
                checks.WithLabels(outcome).Inc(value);
        });
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => lag.Observe(value));
    }

    private static string Version() =>
        typeof(ProbeExporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
