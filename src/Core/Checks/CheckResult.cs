namespace HealthTrack.Core.Checks;

/// <summary>What identifies a result: one check of one monitor, at one location, due at one instant. A resend has the same identity.</summary>
/// <param name="Uid">The monitor's UID.</param>
/// <param name="Location">The pool that made it.</param>
/// <param name="DueTime">The instant it was due, ms since the Unix epoch.</param>
public readonly record struct CheckId(string Uid, string Location, long DueTime);

/// <summary>The result of one check. A failed check is a value, never an exception.</summary>
public sealed record CheckResult
{
    /// <summary>The monitor's UID.</summary>
    public required string Uid { get; init; }

    /// <summary>The pool that made the check.</summary>
    public required string Location { get; init; }

    /// <summary>The worker that made the check.</summary>
    public string Worker { get; init; } = "";

    /// <summary>The generation of the monitor that the check was made under.</summary>
    public required long Generation { get; init; }

    /// <summary>The instant the check was due, ms since the Unix epoch, UTC.</summary>
    public required long DueTime { get; init; }

    /// <summary>The instant it started, ms since the Unix epoch, UTC. Later than due by the scheduler's lag.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Why it was made.</summary>
    public CheckKind Kind { get; init; }

    /// <summary>How it ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>From the start of the check to the last byte read, or to the failure; whole microseconds, from a monotonic clock.</summary>
    public required long LatencyMicros { get; init; }

    /// <summary>True for an answer that says something about the target's speed: ok, or nothing wrong but slower than <c>expect.maxLatency</c>.</summary>
    public required bool CountsInLatency { get; init; }

    /// <summary>The protocol's status code, where it has one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What went wrong, one line without secrets; null when ok.</summary>
    public string? Message { get; init; }

    /// <summary>How long each phase took.</summary>
    public CheckPhases Phases { get; init; }

    /// <summary>The leaf certificate that the target showed; null without TLS.</summary>
    public CertificateFacts? Certificate { get; init; }

    /// <summary>Its identity.</summary>
    public CheckId Id => new(Uid, Location, DueTime);
}

/// <summary>Phases of a check, whole microseconds each; 0 for a phase that was not reached or does not exist. With redirects, sums over the hops.</summary>
/// <param name="Dns">Resolving the name.</param>
/// <param name="Connect">The TCP handshake.</param>
/// <param name="Tls">The TLS handshake.</param>
/// <param name="FirstByte">From the request being sent to the first byte of the answer.</param>
/// <param name="Download">From the first byte to the last.</param>
public readonly record struct CheckPhases(long Dns, long Connect, long Tls, long FirstByte, long Download);

/// <summary>What is worth knowing of a certificate.</summary>
/// <param name="NotAfter">When it ends, UTC.</param>
/// <param name="Issuer">The issuer's distinguished name.</param>
public sealed record CertificateFacts(DateTimeOffset NotAfter, string Issuer);
