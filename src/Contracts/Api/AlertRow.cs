namespace HealthTrack.Contracts.Api;

/// <summary>One alert in <c>GET /alerts</c>.</summary>
public sealed record AlertRow
{
    /// <summary>Its identity: service, signal and beginning.</summary>
    public required string Id { get; init; }

    /// <summary>The service's id.</summary>
    public required long ServiceId { get; init; }

    /// <summary>The service's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The service's <c>metadata.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>down</c>, <c>latency</c>, <c>errorRate</c>, <c>apdex</c>, <c>sloBurn</c>, <c>certificate</c> or <c>noData</c>.</summary>
    public required string Signal { get; init; }

    /// <summary><c>pending</c>, <c>firing</c>, <c>acknowledged</c> or <c>resolved</c>.</summary>
    public required string State { get; init; }

    /// <summary><c>warning</c> or <c>critical</c>: the most that it was.</summary>
    public required string Severity { get; init; }

    /// <summary>Why, one word.</summary>
    public required string Reason { get; init; }

    /// <summary>For people.</summary>
    public required string Message { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When people were told last, or null.</summary>
    public required DateTimeOffset? AnnouncedAt { get; init; }

    /// <summary>Who acknowledged it, or null.</summary>
    public required string? AcknowledgedBy { get; init; }

    /// <summary>When, or null.</summary>
    public required DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>When it was over, or null.</summary>
    public required DateTimeOffset? EndedAt { get; init; }
}

/// <summary>One incident, a stretch of Unhealthy, in <c>GET /incidents</c> and <c>GET /services/{id}/incidents</c>.</summary>
public sealed record IncidentRow
{
    /// <summary>The service's id; with <see cref="StartedAt"/> it identifies the incident.</summary>
    public required long ServiceId { get; init; }

    /// <summary>The service's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The service's <c>metadata.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>When health turned Unhealthy.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When that ended, or null.</summary>
    public required DateTimeOffset? EndedAt { get; init; }

    /// <summary>How long it was, or has been, s.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>Why, one word.</summary>
    public required string Reason { get; init; }

    /// <summary>For people: what was wrong at the beginning.</summary>
    public required string Message { get; init; }
}

/// <summary>One notification channel in <c>GET /channels</c>. Its address is a secret and not here.</summary>
public sealed record ChannelRow
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its <c>metadata.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of receiver; this and the three that follow are null where no valid form of it was seen.</summary>
    public string? Type { get; init; }

    /// <summary>Alerts below this are not told: <c>warning</c> or <c>critical</c>.</summary>
    public string? MinSeverity { get; init; }

    /// <summary>Whether the end of an alert is told.</summary>
    public bool? SendResolved { get; init; }

    /// <summary>Whether it serves monitors that name no channel.</summary>
    public bool? Default { get; init; }

    /// <summary>Whether it can be told, as far as is known without telling it.</summary>
    public required bool Ready { get; init; }

    /// <summary>Why it is not ready, one word; null where it is.</summary>
    public string? Reason { get; init; }

    /// <summary>The same for people.</summary>
    public string? Message { get; init; }

    /// <summary>The last time that it was told, or that was tried; null where neither is known.</summary>
    public DeliveryRow? LastDelivery { get; init; }
}

/// <summary>What became of a delivery.</summary>
/// <param name="Time">When.</param>
/// <param name="Outcome"><c>arrived</c> or <c>failed</c>.</param>
/// <param name="Error">What went wrong, without the address; null where it arrived.</param>
public sealed record DeliveryRow(DateTimeOffset Time, string Outcome, string? Error);

/// <summary>What came of <c>POST /channels/{name}/test</c>.</summary>
/// <param name="Ok">Whether it arrived.</param>
/// <param name="Error">What went wrong, or null.</param>
public sealed record ChannelTestRow(bool Ok, string? Error);
