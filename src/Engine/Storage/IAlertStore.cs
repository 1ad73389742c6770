using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Storage;

/// <summary>
/// Where alerts, incidents and the outbox of notifications are kept: part of the same store as the checks, under the same rules (see <see cref="IResultStore"/>):
/// one contract suite over every driver, <see cref="StoreUnavailableException"/> while it is away.
/// </summary>
public interface IAlertStore
{
    /// <summary>
    /// Writes alerts and incidents as they are now, and notifications that are not there yet, all or none. Written again, nothing changes; a notification
    /// that was delivered stays so.
    /// </summary>
    Task SaveAlertsAsync(AlertChanges changes, CancellationToken cancellationToken);

    /// <summary>The alerts that are open, in no order.</summary>
    Task<IReadOnlyList<AlertRecord>> ReadOpenAlertsAsync(CancellationToken cancellationToken);

    /// <summary>A page of alerts, the newest beginning first.</summary>
    Task<IReadOnlyList<AlertRecord>> ReadAlertsAsync(AlertQuery query, CancellationToken cancellationToken);

    /// <summary>The incidents that go on, in no order.</summary>
    Task<IReadOnlyList<Incident>> ReadOpenIncidentsAsync(CancellationToken cancellationToken);

    /// <summary>A page of incidents, the newest beginning first.</summary>
    Task<IReadOnlyList<Incident>> ReadIncidentsAsync(IncidentQuery query, CancellationToken cancellationToken);

    /// <summary>A page of the notifications that wait for their delivery, oldest first; at most 1000.</summary>
    /// <param name="after">The last one of the page before; null: from the oldest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<QueuedNotification>> ReadOutboxAsync(Notification? after, CancellationToken cancellationToken);

    /// <summary>Writes what became of deliveries. One that is not there is passed over.</summary>
    Task SaveDeliveriesAsync(IReadOnlyList<DeliveryRecord> deliveries, CancellationToken cancellationToken);

    /// <summary>Deletes alerts and incidents that ended before a time, and the notifications decided before it that wait no more.</summary>
    /// <returns>How many rows went.</returns>
    Task<long> DeleteAlertsBeforeAsync(long before, CancellationToken cancellationToken);
}

/// <summary>What is written at once.</summary>
/// <param name="Alerts">As they are now.</param>
/// <param name="Incidents">As they are now.</param>
/// <param name="Notifications">New ones.</param>
public sealed record AlertChanges(
    IReadOnlyList<AlertRecord> Alerts, IReadOnlyList<Incident> Incidents, IReadOnlyList<Notification> Notifications)
{
    /// <summary>What other systems are to be told of these alerts; those whose key is there already are left as they are.</summary>
    public IReadOnlyList<NewEvent> Events { get; init; } = [];

    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty => Alerts.Count == 0 && Incidents.Count == 0 && Notifications.Count == 0 && Events.Count == 0;
}

/// <summary>Which alerts to read.</summary>
/// <param name="Limit">At most this many, 1 to 1000.</param>
/// <param name="ServiceId">Of this service; null: of all.</param>
/// <param name="OpenOnly">Only those that are open.</param>
/// <param name="After">Only those that sort after this one; null: from the newest.</param>
public readonly record struct AlertQuery(int Limit, long? ServiceId = null, bool OpenOnly = false, AlertPosition? After = null)
{
    /// <summary>Of these namespaces; empty or null: of all.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }
}

/// <summary>A place in the order of alerts.</summary>
/// <param name="StartedAt">When it began.</param>
/// <param name="Id">Its id.</param>
public readonly record struct AlertPosition(long StartedAt, string Id);

/// <summary>Which incidents to read.</summary>
/// <param name="Limit">At most this many, 1 to 1000.</param>
/// <param name="ServiceId">Of this service; null: of all.</param>
/// <param name="After">Only those that sort after this one; null: from the newest.</param>
public readonly record struct IncidentQuery(int Limit, long? ServiceId = null, IncidentPosition? After = null)
{
    /// <summary>Of these namespaces; empty or null: of all.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }
}

/// <summary>A place in the order of incidents.</summary>
/// <param name="StartedAt">When it began.</param>
/// <param name="ServiceId">Whose it is.</param>
public readonly record struct IncidentPosition(long StartedAt, long ServiceId);

/// <summary>A notification that waits.</summary>
/// <param name="Notification">What is to be said, and to whom.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="NotBefore">Not to be tried before this, ms since the Unix epoch.</param>
public sealed record QueuedNotification(Notification Notification, int Attempts, long NotBefore);

/// <summary>Where a delivery is.</summary>
public enum DeliveryState
{
    /// <summary>To be tried, again or for the first time.</summary>
    Waiting,

    /// <summary>It arrived.</summary>
    Sent,

    /// <summary>Somebody else sent it: known from the shared memory of what was sent.</summary>
    Suppressed,

    /// <summary>Given up: refused for good, or its channel is gone.</summary>
    Failed,
}

/// <summary>What became of one try.</summary>
/// <param name="NotificationId">Which.</param>
/// <param name="Channel">To whom.</param>
/// <param name="State">Where it is now.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="At">When, ms since the Unix epoch; for one that waits, when it is tried again.</param>
/// <param name="Error">What went wrong, one line without secrets; null where nothing did.</param>
public readonly record struct DeliveryRecord(string NotificationId, ChannelKey Channel, DeliveryState State, int Attempts, long At, string? Error);
