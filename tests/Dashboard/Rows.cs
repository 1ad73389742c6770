using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;

namespace HealthTrack.Dashboard.Tests;

/// <summary>Rows as the API would send them.</summary>
internal static class Rows
{
    public static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Loads services as the stream does, one after the other.</summary>
    public static void Load(this Fleet fleet, IEnumerable<ServiceRow> services) => fleet.Load(services.Select(fleet.Hold).ToList());

    public static ServiceRow Service(long id, string name, string health = "Healthy") => new()
    {
        Id = id,
        ServiceId = id,
        ServiceName = name,
        Name = name.ToLowerInvariant().Replace(' ', '-'),
        Namespace = "default",
        Url = $"https://{id}.example.org/",
        Kind = "http",
        IntervalSeconds = 30,
        TimeoutSeconds = 5,
        Health = health,
        Reason = health == "Healthy" ? "AsExpected" : "NoResult",
        Message = "",
        HealthSince = null,
        Conditions = [],
        Levels = new MetricLevelsRow("none", "none", "none", "none", "none", "none"),
        Labels = new Dictionary<string, string>(),
        Origin = "demo",
        CurrentStatus = health is "Unknown" or "Suspended" ? "unknown" : "ok",
        AvgResponseTimeMs = null,
        P95ResponseTimeMs = null,
        P99ResponseTimeMs = null,
        ErrorRatePercent = null,
        UptimePercent24h = null,
        RequestRateRpm = null,
        ThroughputRps = null,
        ApdexScore = null,
        ChecksCount = 0,
        LastCheckTimestamp = null,
    };

    public static ServiceRow Measured(
        this ServiceRow row, double avg, double p95, double p99, double apdex, double errors, double uptime, double perMinute = 2, DateTimeOffset? last = null) => row with
        {
            AvgResponseTimeMs = avg,
            P95ResponseTimeMs = p95,
            P99ResponseTimeMs = p99,
            ApdexScore = apdex,
            ErrorRatePercent = errors,
            UptimePercent24h = uptime,
            RequestRateRpm = perMinute,
            ThroughputRps = perMinute / 60,
            ChecksCount = (long)(perMinute * 60),
            LastCheckTimestamp = last ?? Noon,
            HealthSince = (last ?? Noon).AddMinutes(-97),
            Levels = new MetricLevelsRow(
                Above(avg, 1000, 1500), Above(p95, 1500, 2200), Above(p99, 2000, 3000), Below(apdex, 0.8, 0.6), Above(errors, 2, 5), Below(uptime, 95, 90)),
        };

    public static ServiceRow Saying(this ServiceRow row, string reason, string message, string status) => row with { Reason = reason, Message = message, CurrentStatus = status };

    public static CheckRow Check(long service, string status = "ok", int? code = 200, string? error = null, DateTimeOffset? at = null) => new()
    {
        Id = 1,
        ServiceId = service,
        Timestamp = at ?? Noon,
        StartedAt = at ?? Noon,
        Status = status,
        ResponseTimeMs = 12.5,
        StatusCode = code,
        Location = "default",
        Kind = "scheduled",
        Error = error,
    };

    /// <summary>Every health, long names and targets, no data, errors: what a page must bear.</summary>
    public static IReadOnlyList<ServiceRow> Varied(DateTimeOffset now)
    {
        DateTimeOffset Ago(int seconds) => now.AddSeconds(-seconds);
        return
        [
            Service(1, "Checkout API", "Unhealthy").Measured(212, 1240, 2410, 0.71, 38.3, 88.42, last: Ago(9))
                .Saying("CheckFailed", "503 Service Unavailable: expected status 2xx, 3 checks in a row", "error") with { Namespace = "shop", Url = "https://checkout.shop.example.com/healthz", HealthSince = Ago(190) },
            Service(2, "Legacy billing", "Unhealthy").Measured(0, 0, 0, 0, 100, 12.5, last: Ago(22))
                .Saying("CheckFailed", "Connection refused (10.32.14.7:8443) after 3 attempts; the last answer came 2 h ago and took 840 ms", "down")
                with { Namespace = "finance", Url = "https://billing.internal.example.com:8443/status", AvgResponseTimeMs = null, P95ResponseTimeMs = null, P99ResponseTimeMs = null, Levels = new MetricLevelsRow("none", "none", "none", "critical", "critical", "critical"), HealthSince = Ago(7400) },
            Service(3, "Search", "Degraded").Measured(1180, 1890, 3420, 0.74, 1.2, 99.31, 6, Ago(4))
                .Saying("LatencyCritical", "p99 3,420 ms is above 3,000 ms", "ok") with { Namespace = "shop", Url = "https://search.shop.example.com/v2/query?q=health", HealthSince = Ago(1500) },
            Service(4, "Partner gateway", "Degraded").Measured(96, 180, 260, 0.98, 0, 100, 1, Ago(41))
                .Saying("CertificateExpiring", "The certificate ends in 6 days (2026-11-29), sooner than 14 days", "ok") with { Namespace = "edge", Url = "https://partners.example.com/", HealthSince = Ago(86000) },
            Service(5, "Nightly reports", "Unknown").Saying("NoResult", "No result for 3 intervals: is a worker running?", "unknown") with { Namespace = "data", Url = "http://reports.data.svc.cluster.local:8080/ready" },
            Service(6, "broken manifest", "Unknown").Saying("InvalidSpec", "spec.timeout: 60s is not less than spec.interval: 30s", "unknown") with { Url = null, Kind = null },
            Service(7, "Payments API").Measured(84, 141, 203, 1, 0, 100, last: Ago(12)) with { Namespace = "shop", Url = "https://payments.shop.example.com/healthz" },
            Service(8, "Identity provider").Measured(38.4, 61, 88, 0.998, 0.08, 99.987, 12, Ago(3)) with { Namespace = "platform", Url = "https://login.example.com/.well-known/openid-configuration" },
            Service(9, "GitHub API").Measured(182, 301, 544, 0.99, 0.4, 99.95, last: Ago(17)) with { Url = "https://api.github.com" },
            Service(10, "A service whose display name somebody filled in with a whole sentence about what it does").Measured(412, 690, 1120, 0.94, 1.6, 98.2, 1, Ago(55))
                with { Namespace = "team-with-a-long-namespace", Url = "https://a-very-long-host-name.subdomain.of.a.customer.example.org/with/a/path/that/goes/on/and/on?and=a&query=too&token=none" },
            Service(11, "Edge cache").Measured(4.2, 7.9, 12, 1, 0, 100, 60, Ago(1)) with { Namespace = "edge", Url = "http://cache.edge.svc:6081/" },
            Service(12, "Staging shop", "Suspended").Measured(220, 480, 730, 0.97, 0, 99.6, last: Ago(5400)).Saying("Suspended", "spec.suspend is true", "unknown") with { Namespace = "staging", Url = "https://staging.shop.example.com/" },
        ];
    }

    private static string Above(double value, double warning, double critical) => value > critical ? "critical" : value > warning ? "warning" : "good";

    private static string Below(double value, double warning, double critical) => value < critical ? "critical" : value < warning ? "warning" : "good";
}
