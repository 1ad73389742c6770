using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.Api;

/// <summary>One check in <c>GET /services/{id}/checks</c> and in the stream's <c>check</c> events.</summary>
public record CheckRow
{
    /// <summary>Grows with the order of storing; 0 in the stream for a check that is not stored yet.</summary>
    public required long Id { get; init; }

    /// <summary>The service's id.</summary>
    public required long ServiceId { get; init; }

    /// <summary>When the check was due.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary><c>ok</c>, <c>warn</c>, <c>error</c> or <c>down</c>.</summary>
    public required string Status { get; init; }

    /// <summary>From the start to the last byte read, or to the failure; ms, to the microsecond.</summary>
    public required double ResponseTimeMs { get; init; }

    /// <summary>The protocol's status code, or null.</summary>
    public required int? StatusCode { get; init; }

    /// <summary>The pool that checked.</summary>
    public required string Location { get; init; }

    /// <summary><c>scheduled</c>, <c>first</c> or <c>manual</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What went wrong, or null.</summary>
    public required string? Error { get; init; }
}

/// <summary>A check with the values of its moment, <c>GET /services/{id}/checks-detailed</c>: each as a summary taken right after the check would have said it.</summary>
public sealed record DetailedCheckRow : CheckRow
{
    /// <summary>How long each phase took.</summary>
    [JsonPropertyOrder(1)]
    public required PhasesRow Phases { get; init; }

    /// <summary>Median latency of the window, ms.</summary>
    [JsonPropertyName("latency_p50_ms"), JsonPropertyOrder(1)]
    public required double? LatencyP50Ms { get; init; }

    /// <summary>95th percentile, ms.</summary>
    [JsonPropertyName("latency_p95_ms"), JsonPropertyOrder(1)]
    public required double? LatencyP95Ms { get; init; }

    /// <summary>99th percentile, ms.</summary>
    [JsonPropertyName("latency_p99_ms"), JsonPropertyOrder(1)]
    public required double? LatencyP99Ms { get; init; }

    /// <summary>Checks a minute.</summary>
    [JsonPropertyOrder(1)]
    public required double? RequestRateRpm { get; init; }

    /// <summary>Bad checks of the window, percent.</summary>
    [JsonPropertyOrder(1)]
    public required double? ErrorRatePercent { get; init; }

    /// <summary>Good checks of 24 h, percent.</summary>
    [JsonPropertyOrder(1)]
    public required double? UptimePercent { get; init; }

    /// <summary>Checks a second.</summary>
    [JsonPropertyOrder(1)]
    public required double? ThroughputRps { get; init; }

    /// <summary>Apdex score, 0..1.</summary>
    [JsonPropertyOrder(1)]
    public required double? ApdexScore { get; init; }
}

/// <summary>Phases of a check, ms; 0 where a phase was not reached.</summary>
/// <param name="DnsMs">Resolving the name.</param>
/// <param name="ConnectMs">TCP handshake.</param>
/// <param name="TlsMs">TLS handshake.</param>
/// <param name="FirstByteMs">From the request to the first byte.</param>
/// <param name="DownloadMs">From the first byte to the last.</param>
public sealed record PhasesRow(double DnsMs, double ConnectMs, double TlsMs, double FirstByteMs, double DownloadMs);

/// <summary>A check that was run on request, <c>POST /checks/try</c>: the result and the way to it. Nothing of it is stored.</summary>
public sealed record TriedCheck
{
    /// <summary><c>ok</c>, <c>warn</c>, <c>error</c> or <c>down</c>.</summary>
    public required string Status { get; init; }

    /// <summary>From the start to the last byte read, ms.</summary>
    public required double ResponseTimeMs { get; init; }

    /// <summary>The protocol's status code, or null.</summary>
    public required int? StatusCode { get; init; }

    /// <summary>What went wrong, or null.</summary>
    public required string? Error { get; init; }

    /// <summary>The address that was connected to, or null.</summary>
    public required string? Address { get; init; }

    /// <summary>The protocol that was spoken, or null.</summary>
    public required string? Protocol { get; init; }

    /// <summary>The URLs that redirects led to.</summary>
    public required IReadOnlyList<string> Redirects { get; init; }

    /// <summary>Bytes of the body that were read.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>How long each phase took.</summary>
    public required PhasesRow Phases { get; init; }

    /// <summary>When the target's certificate ends, or null.</summary>
    public required DateTimeOffset? CertificateNotAfter { get; init; }

    /// <summary>Who issued it, or null.</summary>
    public required string? CertificateIssuer { get; init; }

    /// <summary>Each expectation and how it went.</summary>
    public required IReadOnlyList<ExpectationRow> Expectations { get; init; }
}

/// <summary>How one expectation went.</summary>
/// <param name="Path">Its path below <c>expect</c>.</param>
/// <param name="Expected">What was asked for.</param>
/// <param name="Actual">What was found.</param>
/// <param name="Passed">Whether it held.</param>
public sealed record ExpectationRow(string Path, string Expected, string Actual, bool Passed);
