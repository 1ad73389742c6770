namespace HealthTrack.Probe.Checkers.Http;

/// <summary>Sends one request and takes its answer.</summary>
internal interface IHttpTransport
{
    /// <summary>Sends <paramref name="hop"/>; what comes back goes into <paramref name="answer"/>, times and addresses into <paramref name="trace"/>.</summary>
    /// <returns>Null once the answer is whole (or as much of it is read as is wanted), else what went wrong. Never throws for what a server does.</returns>
    ValueTask<CheckFailure?> ExchangeAsync(HttpHop hop, HttpAnswer answer, CheckTrace trace, CancellationToken cancellationToken);
}
