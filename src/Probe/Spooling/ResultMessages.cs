using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using Proto = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Probe.Spooling;

/// <summary>Batches of results as messages of the link.</summary>
internal static class ResultMessages
{
    public static Proto.Results Of(ResultBatch batch)
    {
        var message = new Proto.Results { Sequence = batch.Sequence };
        message.Results_.Capacity = batch.Results.Count;
        foreach (var result in batch.Results)
            message.Results_.Add(Of(result));
        return message;
    }

    /// <summary>Reads a batch back.</summary>
    /// <param name="message">What <see cref="Of(ResultBatch)"/> made.</param>
    /// <param name="worker">The worker whose results they are.</param>
    /// <returns>Null where a value is none that a worker makes.</returns>
    public static ResultBatch? Of(Proto.Results message, string worker)
    {
        var results = new List<CheckResult>(message.Results_.Count);
        foreach (var result in message.Results_)
        {
            if (result.Outcome > (uint)Outcome.Down || result.Kind > (uint)CheckKind.Manual)
                return null;
            results.Add(Of(result, worker));
        }
        return new ResultBatch(message.Sequence, results);
    }

    private static Proto.Result Of(CheckResult result)
    {
        var message = new Proto.Result
        {
            Uid = result.Uid,
            Location = result.Location,
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
            message.StatusCode = code;
        if (result.Message is { } text)
            message.Message = text;
        if (result.Certificate is { } certificate)
        {
            message.CertificateNotAfterMs = certificate.NotAfter.ToUnixTimeMilliseconds();
            message.CertificateIssuer = certificate.Issuer;
        }
        return message;
    }

    private static CheckResult Of(Proto.Result message, string worker) => new()
    {
        Uid = message.Uid,
        Location = message.Location,
        Worker = worker,
        Generation = message.Generation,
        DueTime = message.DueMs,
        StartedAt = message.StartedMs,
        Kind = (CheckKind)message.Kind,
        Outcome = (Outcome)message.Outcome,
        LatencyMicros = message.LatencyUs,
        CountsInLatency = message.CountsInLatency,
        StatusCode = message.HasStatusCode ? message.StatusCode : null,
        Message = message.HasMessage ? message.Message : null,
        Phases = new CheckPhases(message.DnsUs, message.ConnectUs, message.TlsUs, message.FirstByteUs, message.DownloadUs),
        Certificate = message.HasCertificateNotAfterMs
            ? new CertificateFacts(DateTimeOffset.FromUnixTimeMilliseconds(message.CertificateNotAfterMs), message.CertificateIssuer)
            : null,
    };
}
