using HealthTrack.Contracts.Api;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Api.Rows;

/// <summary>Writes checks as the API's rows.</summary>
internal static class CheckRows
{
    /// <summary>The row of one check.</summary>
    /// <param name="id">Its id in the store; 0 where it is not stored yet.</param>
    /// <param name="serviceId">Its service.</param>
    /// <param name="result">Its result.</param>
    public static CheckRow Row(long id, long serviceId, CheckResult result) => new()
    {
        Id = id,
        ServiceId = serviceId,
        Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(result.DueTime),
        StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(result.StartedAt),
        Status = Status(result.Outcome),
        ResponseTimeMs = result.LatencyMicros / 1000.0,
        StatusCode = result.StatusCode,
        Location = result.Location,
        Kind = Kind(result.Kind),
        Error = result.Message,
    };

    /// <summary>The row of one check with the values of its moment.</summary>
    /// <param name="check">The check.</param>
    /// <param name="window">The metrics window that ended at its due time.</param>
    /// <param name="uptimePercent">Good checks of the 24 h that ended there, percent.</param>
    public static DetailedCheckRow Detailed(StoredCheck check, in WindowSummary window, double? uptimePercent)
    {
        var result = check.Result;
        return new DetailedCheckRow
        {
            Id = check.Id,
            ServiceId = check.ServiceId,
            Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(result.DueTime),
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(result.StartedAt),
            Status = Status(result.Outcome),
            ResponseTimeMs = result.LatencyMicros / 1000.0,
            StatusCode = result.StatusCode,
            Location = result.Location,
            Kind = Kind(result.Kind),
            Error = result.Message,
            Phases = Phases(result.Phases),
            LatencyP50Ms = window.P50LatencyMs,
            LatencyP95Ms = window.P95LatencyMs,
            LatencyP99Ms = window.P99LatencyMs,
            RequestRateRpm = window.RequestsPerMinute,
            ErrorRatePercent = window.ErrorRatePercent,
            UptimePercent = uptimePercent,
            ThroughputRps = window.ThroughputPerSecond,
            ApdexScore = window.Apdex,
        };
    }

    /// <summary>The answer of a check that was tried.</summary>
    public static TriedCheck Tried(ExplainedResult tried) => new()
    {
        Status = Status(tried.Result.Outcome),
        ResponseTimeMs = tried.Result.LatencyMicros / 1000.0,
        StatusCode = tried.Result.StatusCode,
        Error = tried.Result.Message,
        Address = tried.Address,
        Protocol = tried.Protocol,
        Redirects = tried.Redirects,
        BodyBytes = tried.BodyBytes,
        Phases = Phases(tried.Result.Phases),
        CertificateNotAfter = tried.Result.Certificate?.NotAfter,
        CertificateIssuer = tried.Result.Certificate?.Issuer,
        Expectations = [.. tried.Expectations.Select(e => new ExpectationRow(e.Path, e.Expected, e.Actual, e.Passed))],
    };

    /// <summary>The API's word for an outcome.</summary>
    public static string Status(Outcome outcome) => outcome switch
    {
        Outcome.Ok => "ok",
        Outcome.Warn => "warn",
        Outcome.Error => "error",
        _ => "down",
    };

    /// <summary>Why a check was made, in the API's word.</summary>
    public static string Kind(CheckKind kind) => kind switch
    {
        CheckKind.First => "first",
        CheckKind.Manual => "manual",
        _ => "scheduled",
    };

    private static PhasesRow Phases(CheckPhases phases) => new(
        phases.Dns / 1000.0, phases.Connect / 1000.0, phases.Tls / 1000.0, phases.FirstByte / 1000.0, phases.Download / 1000.0);
}
