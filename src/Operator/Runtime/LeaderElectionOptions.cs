namespace HealthTrack.Operator.Runtime;

/// <summary>How the leader is elected.</summary>
internal sealed record LeaderElectionOptions
{
    /// <summary>The Lease.</summary>
    public required ResourceKey Lease { get; init; }

    /// <summary>Who this process is: another than any other's, and than that of its own last life.</summary>
    public required string Identity { get; init; }

    /// <summary>How long a lease lasts after its last renewal, whole seconds.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after the last renewal its holder counts on it: shorter, so that it stops before another begins.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(7);

    /// <summary>Between two tries, at most.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The identity of this process: its pod's name, which is that of its machine, and something of its own.</summary>
    public static string NewIdentity() => $"{Environment.MachineName}_{Guid.NewGuid().ToString("N")[..8]}";
}
