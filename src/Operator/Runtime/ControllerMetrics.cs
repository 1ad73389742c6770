using System.Globalization;
using Prometheus;

namespace HealthTrack.Operator.Runtime;

/// <summary>What controllers count, under the names that every controller's dashboards know.</summary>
internal sealed class ControllerMetrics
{
    private readonly CollectorRegistry _registry;
    private readonly Counter _reconciles;
    private readonly Counter _errors;
    private readonly Histogram _times;
    private readonly Gauge _active;
    private readonly Gauge _most;
    private readonly Gauge _depth;
    private readonly Counter _adds;
    private readonly Counter _retries;
    private readonly Histogram _queued;
    private readonly Histogram _worked;
    private readonly Gauge _unfinished;
    private readonly Gauge _longest;

    /// <param name="registry">Where they are shown.</param>
    public ControllerMetrics(CollectorRegistry registry)
    {
        _registry = registry;
        var factory = Metrics.WithCustomRegistry(registry);
        var buckets = Histogram.ExponentialBuckets(0.001, 2, 16);
        Reflectors = new ReflectorMetrics(factory);
        Requests = new RestClientMetrics(factory);
        _reconciles = factory.CreateCounter("controller_runtime_reconcile_total", "Reconciles by how they ended.", "controller", "result");
        _errors = factory.CreateCounter("controller_runtime_reconcile_errors_total", "Reconciles that failed.", "controller");
        _times = factory.CreateHistogram(
            "controller_runtime_reconcile_time_seconds", "How long reconciles took.", ["controller"], new HistogramConfiguration { Buckets = buckets });
        _active = factory.CreateGauge("controller_runtime_active_workers", "Reconciles that are running.", "controller");
        _most = factory.CreateGauge("controller_runtime_max_concurrent_reconciles", "Reconciles that may run at once.", "controller");
        _depth = factory.CreateGauge("workqueue_depth", "Objects that wait for a reconcile.", "name");
        _adds = factory.CreateCounter("workqueue_adds_total", "Objects that began to wait.", "name");
        _retries = factory.CreateCounter("workqueue_retries_total", "Objects that came back after a failure.", "name");
        _queued = factory.CreateHistogram(
            "workqueue_queue_duration_seconds", "How long objects waited.", ["name"], new HistogramConfiguration { Buckets = buckets });
        _worked = factory.CreateHistogram(
            "workqueue_work_duration_seconds", "How long objects were with a worker.", ["name"], new HistogramConfiguration { Buckets = buckets });
        _unfinished = factory.CreateGauge(
            "workqueue_unfinished_work_seconds", "How long the objects that are with a worker have been there, all together.", "name");
        _longest = factory.CreateGauge(
            "workqueue_longest_running_processor_seconds", "How long the object that has been with a worker longest has been there.", "name");
    }

    /// <summary>Of the watches.</summary>
    public ReflectorMetrics Reflectors { get; }

    /// <summary>Of the requests to the API server.</summary>
    public RestClientMetrics Requests { get; }

    /// <summary>A controller begins, with that many workers. All its series are there from now on.</summary>
    public void Begins(string controller, int workers)
    {
        _most.WithLabels(controller).Set(workers);
        _active.WithLabels(controller).Set(0);
        _errors.WithLabels(controller).Inc(0);
        foreach (var result in (string[])["success", "error", "requeue_after"])
            _reconciles.WithLabels(controller, result).Inc(0);
    }

    /// <summary>A worker has an object.</summary>
    public void Begun(string controller) => _active.WithLabels(controller).Inc();

    /// <summary>A reconcile ended.</summary>
    public void Ended(string controller, string result, TimeSpan took)
    {
        _active.WithLabels(controller).Dec();
        _reconciles.WithLabels(controller, result).Inc();
        _times.WithLabels(controller).Observe(took.TotalSeconds);
        if (result == "error")
            _errors.WithLabels(controller).Inc();
    }

    /// <summary>The part of one queue. All its series are there from now on.</summary>
    public QueueMetrics Queue(string name) => new(
        _registry, _depth.WithLabels(name), _adds.WithLabels(name), _retries.WithLabels(name), _queued.WithLabels(name), _worked.WithLabels(name),
        _unfinished.WithLabels(name), _longest.WithLabels(name));
}

/// <summary>What one queue counts.</summary>
internal sealed class QueueMetrics(
    CollectorRegistry registry, Gauge.Child depth, Counter.Child adds, Counter.Child retries, Histogram.Child queued, Histogram.Child worked,
    Gauge.Child unfinished, Gauge.Child longest)
{
    /// <summary>How old the work in hand is, asked at each scrape: its sum and its longest, seconds.</summary>
    public void Observe(Func<(double Sum, double Longest)> oldest) => registry.AddBeforeCollectCallback(() =>
    {
        var (sum, most) = oldest();
        unfinished.Set(sum);
        longest.Set(most);
    });

    /// <summary>An object waits; so many do.</summary>
    public void Added(int waiting)
    {
        adds.Inc();
        depth.Set(waiting);
    }

    /// <summary>A worker took one; so many wait on.</summary>
    public void Taken(int waiting, TimeSpan waited)
    {
        depth.Set(waiting);
        queued.Observe(waited.TotalSeconds);
    }

    /// <summary>A worker is done with one.</summary>
    public void Done(TimeSpan took) => worked.Observe(took.TotalSeconds);

    /// <summary>One comes back after a failure.</summary>
    public void Retried() => retries.Inc();
}

/// <summary>What the watches count.</summary>
internal sealed class ReflectorMetrics(MetricFactory factory)
{
    private readonly Counter _lists = factory.CreateCounter("healthtrack_watch_lists_total", "Whole lists read from the API server.", "resource");
    private readonly Counter _ends = factory.CreateCounter("healthtrack_watch_ends_total", "Watches that ended, by how.", "resource", "reason");
    private readonly Counter _unreadable = factory.CreateCounter(
        "healthtrack_watch_unreadable_objects_total", "Objects that the API server sent and that could not be read.", "resource");

    /// <summary>A list is read.</summary>
    public void Listed(ResourceDefinition resource) => _lists.WithLabels(resource.ToString()).Inc();

    /// <summary>A watch, or the list before it, ended.</summary>
    public void Ended(ResourceDefinition resource, string reason) => _ends.WithLabels(resource.ToString(), reason).Inc();

    /// <summary>An object could not be read.</summary>
    public void Unreadable(ResourceDefinition resource) => _unreadable.WithLabels(resource.ToString()).Inc();
}

/// <summary>What requests to the API server count, as client-go does.</summary>
internal sealed class RestClientMetrics(MetricFactory factory)
{
    private readonly Counter _requests = factory.CreateCounter(
        "rest_client_requests_total", "Requests to the API server by their answer.", "code", "method", "host");

    /// <summary>An answer came.</summary>
    public void Answered(string host, string method, int code) => _requests.WithLabels(code.ToString(CultureInfo.InvariantCulture), method, host).Inc();

    /// <summary>None came.</summary>
    public void Failed(string host, string method) => _requests.WithLabels("<error>", method, host).Inc();
}
