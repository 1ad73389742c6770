using HealthTrack.Core.Alerts;
using HealthTrack.Engine.Storage.Events;

namespace HealthTrack.Engine.Storage.Alerts;

/// <summary>Alerts, incidents and the outbox in the database of the checks, whichever that is.</summary>
internal sealed class AlertStore(ISqlDatabase database) : IAlertStore
{
    public Task SaveAlertsAsync(AlertChanges changes, CancellationToken cancellationToken) => changes.IsEmpty
        ? Task.CompletedTask
        : database.WriteAsync(
            async connection =>
            {
                await AlertTables.SaveAsync(connection, changes, cancellationToken);
                await OutboxTable.AddAsync(connection, changes.Notifications, cancellationToken);
                await EventTables.AddAsync(connection, changes.Events, cancellationToken);
                return true;
            },
            cancellationToken);

    public async Task<IReadOnlyList<AlertRecord>> ReadOpenAlertsAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => AlertTables.ReadOpenAlertsAsync(connection, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<AlertRecord>> ReadAlertsAsync(AlertQuery query, CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => AlertTables.ReadAlertsAsync(connection, query, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<Incident>> ReadOpenIncidentsAsync(CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => AlertTables.ReadOpenIncidentsAsync(connection, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<Incident>> ReadIncidentsAsync(IncidentQuery query, CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => AlertTables.ReadIncidentsAsync(connection, query, cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<QueuedNotification>> ReadOutboxAsync(Notification? after, CancellationToken cancellationToken) =>
        await database.ReadAsync(connection => OutboxTable.ReadWaitingAsync(connection, after, cancellationToken), cancellationToken);

    public Task SaveDeliveriesAsync(IReadOnlyList<DeliveryRecord> deliveries, CancellationToken cancellationToken) => deliveries.Count == 0
        ? Task.CompletedTask
        : database.WriteAsync(
            async connection =>
            {
                await OutboxTable.SaveAsync(connection, deliveries, cancellationToken);
                return true;
            },
            cancellationToken);

    public Task<long> DeleteAlertsBeforeAsync(long before, CancellationToken cancellationToken) =>
        database.WriteAsync(connection => AlertTables.DeleteBeforeAsync(connection, before, cancellationToken), cancellationToken);
}
