using HealthTrack.Core.Checks;

namespace HealthTrack.Contracts.Link;

/// <summary>A result as it crosses the link. The worker's name does not: the control plane knows whose stream it reads.</summary>
internal static class ResultCodec
{
    private static readonly long LastInstant = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static V1.Result Write(CheckResult result)
    {
        var wire = new V1.Result
        {
            Uid = LinkText.Cut(result.Uid),
            Location = LinkText.Cut(result.Location),
            Generation = result.Generation,
            DueMs = result.DueTime,
            StartedMs = result.StartedAt,
            Kind = (uint)result.Kind,
            Outcome = (uint)result.Outcome,
            LatencyUs = result.LatencyMicros,
            CountsInLatency = result.CountsInLatency,
            DnsUs = result.Phases.Dns,
            ConnectUs = result.Phases.Connect,
            TlsUs = result.Phases.Tls,
            FirstByteUs = result.Phases.FirstByte,
            DownloadUs = result.Phases.Download,
        };
        if (result.StatusCode is { } code)
            wire.StatusCode = code;
        if (result.Message is { } message)
            wire.Message = LinkText.Cut(message, LinkLimits.MessageLength);
        if (result.Certificate is { } certificate)
        {
            wire.CertificateNotAfterMs = certificate.NotAfter.ToUnixTimeMilliseconds();
            wire.CertificateIssuer = LinkText.Cut(certificate.Issuer, LinkLimits.IssuerLength);
        }
        return wire;
    }

    public static CheckResult Read(V1.Result wire, string worker) => new()
    {
        Uid = LinkText.Name(wire.Uid, "The uid of a result"),
        Location = LinkText.Name(wire.Location, "The location of a result"),
        Worker = worker,
        Generation = Least(wire.Generation, 0, "The generation"),
        DueTime = Instant(wire.DueMs, "The due time"),
        StartedAt = Instant(wire.StartedMs, "The start"),
        Kind = wire.Kind <= (uint)CheckKind.Manual ? (CheckKind)wire.Kind : throw Wrong("The kind", wire.Kind),
        Outcome = wire.Outcome <= (uint)Outcome.Down ? (Outcome)wire.Outcome : throw Wrong("The outcome", wire.Outcome),
        LatencyMicros = Duration(wire.LatencyUs, "The latency"),
        CountsInLatency = wire.CountsInLatency,
        StatusCode = wire.HasStatusCode ? wire.StatusCode : null,
        Message = wire.HasMessage ? LinkText.Cut(wire.Message, LinkLimits.MessageLength) : null,
        Phases = new CheckPhases(
            Duration(wire.DnsUs, "The DNS phase"),
            Duration(wire.ConnectUs, "The connect phase"),
            Duration(wire.TlsUs, "The TLS phase"),
            Duration(wire.FirstByteUs, "The first-byte phase"),
            Duration(wire.DownloadUs, "The download phase")),
        Certificate = wire.HasCertificateNotAfterMs
            ? new CertificateFacts(
                DateTimeOffset.FromUnixTimeMilliseconds(Instant(wire.CertificateNotAfterMs, "The end of the certificate")),
                LinkText.Bounded(wire.CertificateIssuer, "The issuer of the certificate", LinkLimits.IssuerLength))
            : null,
    };

    /// <summary>An instant that the calendar holds, from the Unix epoch on.</summary>
    public static long Instant(long ms, string field) =>
        ms <= LastInstant ? Least(ms, 0, field) : throw Wrong(field, ms);

    public static long Least(long value, long least, string field) => value >= least ? value : throw Wrong(field, value);

    // No check lasts a week.
    private static long Duration(long micros, string field) =>
        micros <= 7L * 24 * 3600 * 1_000_000 ? Least(micros, 0, field) : throw Wrong(field, micros);

    private static BrokenMessageException Wrong(string field, long value) => new($"{field} of a message is {value}, which cannot be.");
}
