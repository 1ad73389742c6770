namespace HealthTrack.Core.Alerts;

/// <summary>A stretch of Unhealthy. Times are ms since the Unix epoch.</summary>
public sealed record Incident
{
    /// <summary>Whose it is.</summary>
    public required AlertSubject Subject { get; init; }

    /// <summary>When health turned Unhealthy; with the service it identifies the incident.</summary>
    public required long StartedAt { get; init; }

    /// <summary>When it ended; null while it goes on.</summary>
    public long? EndedAt { get; init; }

    /// <summary>Why it began, one word; once it is over by something else than recovery, why it ended.</summary>
    public required string Reason { get; init; }

    /// <summary>For people: what was wrong at the beginning.</summary>
    public required string Message { get; init; }
}
