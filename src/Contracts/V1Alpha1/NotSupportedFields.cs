namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>
/// Fields that the schema has and this version does not act on yet. They are accepted, and named in the conditions where they are set away
/// from their default; probing goes on as if they were not there. A feature that arrives deletes its row here.
/// </summary>
public static class NotSupportedFields
{
    private static readonly (string Path, Func<ServiceMonitorSpec, bool> IsSet)[] Table =
    [
        ("spec.tcp", s => s.Tcp is not null),
        ("spec.dns", s => s.Dns is not null),
        ("spec.tls", s => s.Tls is not null),
        ("spec.grpc", s => s.Grpc is not null),
        ("spec.icmp", s => s.Icmp is not null),
        ("spec.heartbeat", s => s.Heartbeat is not null),
        ("spec.http.addresses", s => s.Http?.Addresses is not (null or "first")),
        ("spec.http.proxy", s => s.Http?.Proxy is not null),
        ("spec.http.version", s => s.Http?.Version is "3"),
        ("spec.http.auth.oauth2ClientCredentials", s => s.Http?.Auth?.Oauth2ClientCredentials is not null),
        ("spec.slo", s => s.Slo is not null),
        ("spec.dependsOn", s => s.DependsOn is { Count: > 0 }),
        ("spec.alerts.signals", s => s.Alerts?.Signals is { } signals && signals.Contains("sloBurn")),
    ];

    /// <summary>The paths of such fields that a valid monitor sets away from their default; empty where it sets none.</summary>
    public static IReadOnlyList<string> Of(ServiceMonitor monitor) =>
        Table.Where(row => row.IsSet(monitor.Spec)).Select(row => row.Path).ToArray();
}
