using Prometheus;

namespace HealthTrack.Operator.Runtime;

/// <summary>What an election counts: the first as every controller does.</summary>
internal sealed class LeaderElectionMetrics
{
    private readonly Gauge.Child _master;
    private readonly Gauge.Child _transitions;

    /// <param name="registry">Where they are shown.</param>
    /// <param name="name">The Lease's name.</param>
    public LeaderElectionMetrics(CollectorRegistry registry, string name)
    {
        var factory = Metrics.WithCustomRegistry(registry);
        _master = factory.CreateGauge("leader_election_master_status", "1 on the process that leads, 0 on the others.", "name").WithLabels(name);
        _transitions = factory.CreateGauge("healthtrack_lease_transitions", "How often the Lease went from one process to another.", "name").WithLabels(name);
        _master.Set(0);
    }

    /// <summary>Whether this process leads.</summary>
    public void Leads(bool leads) => _master.Set(leads ? 1 : 0);

    /// <summary>As the Lease says.</summary>
    public void Transitions(int count) => _transitions.Set(count);
}
