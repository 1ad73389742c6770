using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using Prometheus;

namespace HealthTrack.Engine.Metrics;

/// <summary>What the workers say of themselves in their last sign of life. A worker that is gone has no series.</summary>
internal sealed class WorkerMetrics
{
    private readonly Lock _gate = new();
    private readonly Gauge _connected;
    private readonly Gauge _offset;
    private readonly Gauge _refused;
    private readonly List<(Gauge Gauge, Func<WorkerHeartbeat, double> Value)> _gauges;
    private HashSet<(string Worker, string Pool)> _known = [];

    public WorkerMetrics(IMetricFactory factory)
    {
        Gauge Create(string name, string help) => factory.CreateGauge(name, help, ["worker", "pool"]);
        _connected = Create("healthtrack_worker_connected", "1 for each worker that is connected.");
        _offset = Create("healthtrack_worker_clock_offset_seconds", "How far the worker's clock was ahead at its last sign of life.");
        _refused = Create("healthtrack_worker_assignments_refused", "Assignments that the worker says it cannot check.");
        _gauges =
        [
            (Create("healthtrack_worker_assignments", "Assignments that the worker holds."), h => h.Assigned),
            (Create("healthtrack_worker_checks_in_flight", "Checks that are running."), h => h.InFlight),
            (Create("healthtrack_worker_checks_missed", "Due times skipped because the check before was still running, since the worker started."), h => h.Missed),
            (Create("healthtrack_worker_scheduler_lag_p99_seconds", "99th percentile of the lateness of the checks started last."), h => h.LagP99Millis / 1000),
            (Create("healthtrack_worker_results_unacknowledged", "Results that wait for their acknowledgement."), h => h.Unacknowledged),
            (Create("healthtrack_worker_results_dropped", "Results lost because too many waited, since the worker started."), h => h.Dropped),
            (Create("healthtrack_worker_last_heartbeat_timestamp_seconds", "The worker's clock at its last sign of life."), h => h.Clock / 1000.0),
        ];
    }

    /// <summary>Takes in what is known now.</summary>
    public void Update(IReadOnlyCollection<ProbeSession> sessions)
    {
        lock (_gate)
        {
            var seen = new HashSet<(string, string)>();
            foreach (var session in sessions)
            {
                var (worker, pool) = (session.Hello.WorkerId, session.Hello.Pool);
                seen.Add((worker, pool));
                _connected.WithLabels(worker, pool).Set(1);
                _refused.WithLabels(worker, pool).Set(session.Refused.Count);
                _offset.WithLabels(worker, pool).Set((session.ClockOffset ?? 0) / 1000.0);
                if (session.LastHeartbeat is not { } heartbeat)
                    continue;
                foreach (var (gauge, value) in _gauges)
                    gauge.WithLabels(worker, pool).Set(value(heartbeat));
            }
            foreach (var (worker, pool) in _known.Except(seen))
            {
                _connected.RemoveLabelled(worker, pool);
                _refused.RemoveLabelled(worker, pool);
                _offset.RemoveLabelled(worker, pool);
                foreach (var (gauge, _) in _gauges)
                    gauge.RemoveLabelled(worker, pool);
            }
            _known = seen;
        }
    }
}
