using CsCheck;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Contracts.Tests.Link;

/// <summary>Messages of the link, at random.</summary>
internal static class LinkSamples
{
    private static readonly Gen<string> Name = Gen.String[Gen.Char['a', 'z'], 1, 40];
    private static readonly Gen<string> Text = Gen.String[0, 300].Select(s => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(s)));
    private static readonly Gen<long> Micros = Gen.Long[0, 10_000_000];
    private static readonly Gen<long> Instant = Gen.Long[0, 4_000_000_000_000];

    public static Gen<CheckResult> Result { get; } =
        from id in Gen.Select(Name, Name, Gen.Long[0, long.MaxValue])
        from times in Gen.Select(Instant, Instant, Micros)
        from ends in Gen.Select(Gen.Enum<CheckKind>(), Gen.Enum<Outcome>(), Gen.Bool)
        from facts in Gen.Select(Gen.Int.Nullable(), Text.Null(), Gen.Select(Instant, Name).Nullable())
        from phases in Gen.Select(Micros, Micros, Micros, Micros, Micros)
        select new CheckResult
        {
            Uid = id.Item1,
            Location = id.Item2,
            Worker = "w",
            Generation = id.Item3,
            DueTime = times.Item1,
            StartedAt = times.Item2,
            LatencyMicros = times.Item3,
            Kind = ends.Item1,
            Outcome = ends.Item2,
            CountsInLatency = ends.Item3,
            StatusCode = facts.Item1,
            Message = facts.Item2,
            Certificate = facts.Item3 is { } c ? new CertificateFacts(DateTimeOffset.FromUnixTimeMilliseconds(c.Item1), c.Item2) : null,
            Phases = new CheckPhases(phases.Item1, phases.Item2, phases.Item3, phases.Item4, phases.Item5),
        };

    public static Gen<WorkerHello> Hello { get; } =
        from names in Gen.Select(Name, Name, Gen.String[Gen.Char.AlphaNumeric, 0, 100])
        from numbers in Gen.Select(Gen.Int[0, 9], Gen.Long[0, long.MaxValue], Gen.Int[1, 1000])
        select new WorkerHello(names.Item1, names.Item2, names.Item3) { Protocol = numbers.Item1, LastSequence = numbers.Item2, Capacity = numbers.Item3 };

    public static Gen<WorkerHeartbeat> Heartbeat { get; } =
        from a in Gen.Select(Instant, Gen.Int.NonNegative, Gen.Int.NonNegative, Gen.Long[0, long.MaxValue])
        from b in Gen.Select(Gen.Double[0, 1e6], Gen.Int.NonNegative, Gen.Long[0, long.MaxValue])
        select new WorkerHeartbeat(a.Item1, a.Item2, a.Item3, a.Item4, b.Item1, b.Item2, b.Item3) { Load = a.Item2 % 2 == 0 ? null : b.Item1 / 1e4 };

    public static Gen<AssignmentId> Id { get; } = Gen.Select(Name, Name).Select((uid, location) => new AssignmentId(uid, location));

    public static Gen<Assignment> Assigned { get; } =
        from id in Id
        from name in Name
        from numbers in Gen.Select(Gen.Long[1, 1000], Gen.Int[2, 3600], Gen.Bool)
        from value in Text.Null()
        select Make(id, name, numbers.Item1, numbers.Item2, numbers.Item3, value);

    /// <summary>An assignment as the control plane makes it.</summary>
    public static Assignment Make(AssignmentId id, string name, long generation = 1, int interval = 10, bool soon = false, string? secret = null, int padding = 0)
    {
        var headers = secret is null ? "" : "headers: [{name: X-Key, valueFrom: {secretKeyRef: {name: s, key: k}}}]";
        var manifest = ManifestReader.Read(
            $$"""
            apiVersion: sre.healthtrack.io/v1alpha1
            kind: ServiceMonitor
            metadata: {name: {{name}}, namespace: shop}
            spec:
              interval: {{interval}}s
              http: {url: "http://x.example/", body: "{{new string('x', padding)}}", {{headers}}}
            """,
            "test").Single();
        var monitor = MonitorDeclarations.From(manifest, id.Uid, "test", generation).Monitor!;
        var secrets = secret is null ? [] : new Dictionary<SecretRef, string> { [new("s", "k")] = secret };
        return Assignment.Of(monitor, id.Location, secrets) with { Manifest = manifest.Manifest, CheckSoon = soon };
    }
}
