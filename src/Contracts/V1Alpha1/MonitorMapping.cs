using System.Collections.ObjectModel;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>Turns valid ServiceMonitors into the domain's monitors.</summary>
public static class MonitorMapping
{
    private const string CaKey = "ca.crt";

    // What most monitors have alike is held once, not once a monitor.
    private static readonly IReadOnlyList<string> DefaultPools = ["default"];

    /// <summary>The monitor with every default resolved. Fields of <see cref="NotSupportedFields"/> are left out.</summary>
    /// <param name="monitor">A monitor that <see cref="ManifestReader"/> found valid.</param>
    /// <param name="uid">The incarnation.</param>
    /// <param name="generation">The generation of the spec, from 1.</param>
    /// <exception cref="NotSupportedException">The monitor is of a kind that this version cannot check: see <see cref="CanCheck"/>.</exception>
    /// <exception cref="FormatException">The monitor is not valid.</exception>
    public static Monitor ToMonitor(this ServiceMonitor monitor, string uid, long generation)
    {
        var spec = monitor.Spec;
        var interval = Duration(spec.Interval) ?? TimeSpan.FromMinutes(1);
        return new Monitor
        {
            Uid = uid,
            Key = new MonitorKey(monitor.Metadata.Namespace ?? ManifestReader.DefaultNamespace, monitor.Metadata.Name),
            Generation = generation,
            DisplayName = spec.DisplayName ?? monitor.Metadata.Name,
            Labels = monitor.Metadata.Labels is { Count: > 0 } labels ? labels : ReadOnlyDictionary<string, string>.Empty,
            Spec = new MonitorSpec
            {
                Interval = interval,
                Timeout = Duration(spec.Timeout) ?? MonitorSpec.DefaultTimeout(interval),
                Suspend = spec.Suspend ?? false,
                Check = Check(spec),
                Pools = spec.Probe?.Pools is { Count: > 0 } pools && !pools.SequenceEqual(DefaultPools) ? pools : DefaultPools,
                Quorum = spec.Probe?.Quorum ?? 1,
                FailureThreshold = spec.FailureThreshold ?? 1,
                SuccessThreshold = spec.SuccessThreshold ?? 1,
                Window = Duration(spec.Window) ?? MonitorSpec.DefaultWindow(interval),
                ApdexThreshold = Duration(spec.Apdex?.Threshold) ?? TimeSpan.FromSeconds(1),
                Alerts = spec.Alerts is { } alerts ? Alerts(alerts) : AlertPolicy.Default,
                Thresholds = spec.Thresholds is { } thresholds ? Thresholds(thresholds) : MetricThresholds.Default,
            },
        };
    }

    /// <summary>Whether this version can check monitors of this kind, so that <see cref="ToMonitor"/> gives one.</summary>
    public static bool CanCheck(this ServiceMonitor monitor) => monitor.Spec.Http is not null;

    private static HttpCheck Check(ServiceMonitorSpec spec) => spec.Http is { } http
        ? Check(http)
        : throw new NotSupportedException("Only http monitors can be checked in this version.");

    private static HttpCheck Check(HttpSpec http) => new()
    {
        Url = new Uri(http.Url, UriKind.Absolute),
        Method = http.Method is null or "GET" ? "GET" : http.Method, // the constant, not a text a monitor
        Headers = (http.Headers ?? []).Select(Header).ToArray(),
        Body = http.Body ?? "",
        FollowRedirects = http.FollowRedirects ?? true,
        IpFamily = http.IpFamily switch
        {
            "4" => IpFamily.V4,
            "6" => IpFamily.V6,
            _ => IpFamily.Any,
        },
        Version = http.Version switch
        {
            "1.1" => HttpProtocol.Http11,
            "2" => HttpProtocol.Http2,
            _ => HttpProtocol.Auto,
        },
        Expect = http.Expect is { } expect ? Expect(expect) : null,
        Tls = http.Tls is { } tls ? Tls(tls) : TlsOptions.Default,
        Auth = http.Auth switch
        {
            { Basic: { } basic } => new BasicAuth(Secret(basic.Username.SecretKeyRef), Secret(basic.Password.SecretKeyRef)),
            { Bearer: { } bearer } => new BearerAuth(Secret(bearer.Token.SecretKeyRef)),
            _ => null,
        },
        ReuseConnection = http.ReuseConnection ?? false,
    };

    private static HttpHeader Header(NamedValueSpec header) => new(
        header.Name,
        header.ValueFrom is { } from ? new ValueOrSecret(null, Secret(from.SecretKeyRef)) : new ValueOrSecret(header.Value, null));

    private static HttpExpectations Expect(HttpExpectSpec expect) => new()
    {
        Status = [.. (expect.Status ?? []).Select(Status)],
        Body = [.. (expect.Body ?? []).Select(Body)],
        Headers = [.. (expect.Headers ?? []).Select(h => new HeaderExpectation(h.Name, h.Contains, h.Matches))],
        MaxLatency = Duration(expect.MaxLatency),
    };

    private static StatusRange Status(string text) =>
        StatusRange.TryParse(text, out var range) ? range : throw new FormatException($"'{text}' is no status code, class or range.");

    private static BodyExpectation Body(BodyExpectSpec body) => body switch
    {
        { Contains: { } text } => new BodyContains(text),
        { Matches: { } pattern } => new BodyMatches(pattern),
        { JsonPath: { } path } => new BodyJsonPath(path, body.EqualTo),
        _ => throw new FormatException("An expectation about the body has none of contains, matches and jsonPath."),
    };

    private static TlsOptions Tls(TlsOptionsSpec tls) => new()
    {
        CaSecret = tls.CaSecretRef is { } ca ? new SecretRef(ca.Name, ca.Key ?? CaKey) : null,
        ClientCertificate = tls.ClientCertSecretRef is { } client
            ? new ClientCertificate(new SecretRef(client.Name, "tls.crt"), new SecretRef(client.Name, "tls.key"))
            : null,
        ServerName = tls.ServerName,
        InsecureSkipVerify = tls.InsecureSkipVerify ?? false,
        MinCertificateValidity = Duration(tls.MinCertificateValidity) ?? TlsOptions.Default.MinCertificateValidity,
    };

    private static AlertPolicy Alerts(AlertsSpec spec) => new()
    {
        Channels = [.. (spec.Channels ?? []).Select(channel => channel.Name)],
        Signals = spec.Signals is { Count: > 0 } signals ? signals.Select(AlertNames.Signal).ToHashSet() : AlertPolicy.Default.Signals,
        RepeatInterval = Duration(spec.RepeatInterval) ?? AlertPolicy.Default.RepeatInterval,
    };

    private static MetricThresholds Thresholds(ThresholdsSpec spec)
    {
        var defaults = MetricThresholds.Default;
        var read = new MetricThresholds
        {
            AverageLatency = Latency(spec.AvgLatency, defaults.AverageLatency),
            P95Latency = Latency(spec.P95Latency, defaults.P95Latency),
            P99Latency = Latency(spec.P99Latency, defaults.P99Latency),
            Apdex = Number(spec.Apdex, defaults.Apdex),
            ErrorRate = Number(spec.ErrorRate, defaults.ErrorRate),
            Uptime = Number(spec.Uptime, defaults.Uptime),
        };
        return read == defaults ? defaults : read;
    }

    private static Threshold Latency(LatencyThresholdSpec? spec, Threshold defaults) => new(
        Duration(spec?.Warning)?.TotalMilliseconds ?? defaults.Warning,
        Duration(spec?.Critical)?.TotalMilliseconds ?? defaults.Critical);

    private static Threshold Number(NumberThresholdSpec? spec, Threshold defaults) =>
        new(spec?.Warning ?? defaults.Warning, spec?.Critical ?? defaults.Critical);

    private static SecretRef Secret(SecretKeyRef reference) => new(reference.Name, reference.Key);

    private static TimeSpan? Duration(string? text) => text is null ? null : Durations.Parse(text);
}
