using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>
/// The rules between fields: those that the schema has in CEL, in the same words, and those that CEL cannot say. Runs over monitors with
/// holes too: a field that was refused is null, and a rule that would have read it is silent.
/// </summary>
internal sealed class ServiceMonitorRules
{
    private readonly Findings _findings;
    private readonly FieldRules _fields;

    private ServiceMonitorRules(Findings findings)
    {
        _findings = findings;
        _fields = new FieldRules(findings);
    }

    public static void Check(ServiceMonitor monitor, Findings findings)
    {
        MetadataRules.Check(monitor.Metadata, findings);
        if (monitor.Spec is { } spec)
            new ServiceMonitorRules(findings).CheckSpec(spec, monitor.Metadata);
    }

    private void CheckSpec(ServiceMonitorSpec spec, ObjectMetadata? metadata)
    {
        CheckKind(spec);
        CheckTimes(spec);
        if (spec.Http is { } http)
            new HttpRules(_findings, _fields).Check(http);
        CheckOtherKinds(spec);
        if (spec.Probe is { Quorum: { } quorum, Pools: { } pools } && !_findings.Broken("spec.probe.pools") && quorum > pools.Count)
            _findings.Add("spec.probe.quorum", $"must be at most the number of pools, {pools.Count}");
        _fields.Positive("spec.apdex.threshold", spec.Apdex?.Threshold);
        if (spec.Thresholds is { } thresholds)
            CheckThresholds(thresholds);
        if (spec.Slo is { } slo)
            CheckSlo(slo);
        CheckDependencies(spec, metadata);
        _fields.Between(
            "spec.alerts.repeatInterval", spec.Alerts?.RepeatInterval, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), "must be between 1m and 30d");
    }

    private void CheckKind(ServiceMonitorSpec spec)
    {
        (string Name, object? Value)[] kinds =
        [
            ("http", spec.Http), ("tcp", spec.Tcp), ("dns", spec.Dns), ("tls", spec.Tls), ("grpc", spec.Grpc), ("icmp", spec.Icmp),
            ("heartbeat", spec.Heartbeat),
        ];
        var given = kinds.Where(k => k.Value is not null || _findings.Broken($"spec.{k.Name}")).Select(k => k.Name).ToList();
        if (given.Count == 0)
            _findings.Add("spec", "give exactly one of http, tcp, dns, tls, grpc, icmp and heartbeat: none is given");
        else if (given.Count > 1)
            _findings.Add("spec", $"give exactly one of http, tcp, dns, tls, grpc, icmp and heartbeat: {string.Join(" and ", given)} are given");
    }

    private void CheckTimes(ServiceMonitorSpec spec)
    {
        var interval = _fields.Between("spec.interval", spec.Interval, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), "must be between 1s and 24h");
        var timeout = _fields.Between("spec.timeout", spec.Timeout, TimeSpan.FromMilliseconds(1), TimeSpan.MaxValue, "must be at least 1ms");
        var window = _fields.Between("spec.window", spec.Window, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), "must be between 1m and 30d");
        if (interval is null)
            return;
        if (timeout >= interval)
            _findings.Add("spec.timeout", $"must be less than interval, which is {spec.Interval}");
        if (window < interval)
            _findings.Add("spec.window", $"must be at least interval, which is {spec.Interval}");
        else if (window is { } length && length.Ticks > 3600 * interval.Value.Ticks)
            _findings.Add("spec.window", $"must hold at most 3600 checks: shorten it or lengthen interval, which is {spec.Interval}");
    }

    private void CheckOtherKinds(ServiceMonitorSpec spec)
    {
        if (spec.Tcp?.Expect is { } answer)
        {
            _fields.ExactlyOne("spec.tcp.expect", ("contains", answer.Contains), ("matches", answer.Matches));
            _fields.Expression("spec.tcp.expect.matches", answer.Matches);
        }
        if (spec.Grpc?.Metadata is { } fields)
            _fields.NamedValues("spec.grpc.metadata", fields);
    }

    private void CheckThresholds(ThresholdsSpec thresholds)
    {
        CheckLatency("avgLatency", thresholds.AvgLatency);
        CheckLatency("p95Latency", thresholds.P95Latency);
        CheckLatency("p99Latency", thresholds.P99Latency);
        CheckNumber("apdex", thresholds.Apdex, lowIsBad: true);
        CheckNumber("errorRate", thresholds.ErrorRate, lowIsBad: false);
        CheckNumber("uptime", thresholds.Uptime, lowIsBad: true);
    }

    // The sentence names both values: one of them may be a default that the user has never seen.
    private void CheckLatency(string metric, LatencyThresholdSpec? threshold)
    {
        if (threshold is not { Warning: { } warning, Critical: { } critical })
            return;
        if (Durations.TryParse(warning, out var yellow) && Durations.TryParse(critical, out var red) && yellow > red)
            _findings.Add($"spec.thresholds.{metric}.warning", $"must be at most critical, but is {warning} where critical is {critical}");
    }

    private void CheckNumber(string metric, NumberThresholdSpec? threshold, bool lowIsBad)
    {
        if (threshold is not { Warning: { } warning, Critical: { } critical })
            return;
        if (lowIsBad ? warning < critical : warning > critical)
        {
            _findings.Add(
                $"spec.thresholds.{metric}.warning",
                FormattableString.Invariant($"must be at {(lowIsBad ? "least" : "most")} critical, but is {warning} where critical is {critical}"));
        }
    }

    private void CheckSlo(SloSpec slo)
    {
        _fields.Objective("spec.slo.objective", slo.Objective);
        if (slo.TimeZone is not null && slo.Calendar is null && !_findings.Broken("spec.slo.calendar"))
            _findings.Add("spec.slo.timeZone", "goes with calendar only");
        _fields.Positive("spec.slo.latency.threshold", slo.Latency?.Threshold);
        _fields.Objective("spec.slo.latency.objective", slo.Latency?.Objective);
    }

    private void CheckDependencies(ServiceMonitorSpec spec, ObjectMetadata? metadata)
    {
        var seen = new HashSet<MonitorKey>();
        for (var i = 0; i < spec.DependsOn?.Count; i++)
        {
            var path = FieldPath.Item("spec.dependsOn", i);
            if (spec.DependsOn[i] is not { Name: { } name } dependency || _findings.Broken($"{path}.namespace"))
                continue;
            var key = new MonitorKey(dependency.Namespace ?? metadata?.Namespace ?? "", name);
            if (metadata is { Name: { } own, Namespace: { } space } && key == new MonitorKey(space, own))
                _findings.Add(path, "is this monitor itself: a monitor cannot depend on itself");
            else if (!seen.Add(key))
                _findings.Add(path, "is given twice: keep one");
        }
    }
}
