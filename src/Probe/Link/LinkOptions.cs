namespace HealthTrack.Probe.Link;

/// <summary>Where the control plane is and how it is spoken to.</summary>
internal sealed record LinkOptions
{
    /// <summary>Tried in turn, each with all addresses of its name.</summary>
    public required IReadOnlyList<OperatorAddress> Operators { get; init; }

    /// <summary>A file with the worker's bearer token, read at each connect; null for none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>A PEM file of the roots that the operator's certificate is of, read at each connect; null: the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The longest that TCP and TLS may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A connection that is silent for so long is asked for a sign of life.</summary>
    public TimeSpan PingAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection that does not answer that for so long is gone.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>How long the hello's answer is waited for; a control plane that is silent for longer has no objection yet.</summary>
    public TimeSpan HelloTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
