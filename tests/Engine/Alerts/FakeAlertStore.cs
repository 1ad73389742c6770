using System.Collections.Concurrent;
using HealthTrack.Core.Alerts;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Alerts;

/// <summary>The alerts' part of a store, in memory, with the faults that a real one has only for moments.</summary>
internal sealed class FakeAlertStore : IAlertStore
{
    /// <summary>What the next writes of alerts wait for, and may fail with.</summary>
    public Func<Task> Saving { get; set; } = () => Task.CompletedTask;

    /// <summary>The same of deliveries.</summary>
    public Func<Task> SavingDeliveries { get; set; } = () => Task.CompletedTask;

    public ConcurrentDictionary<string, AlertRecord> Alerts { get; } = new();

    public ConcurrentDictionary<string, Notification> Notifications { get; } = new();

    public ConcurrentQueue<DeliveryRecord> Deliveries { get; } = new();

    public async Task SaveAlertsAsync(AlertChanges changes, CancellationToken cancellationToken)
    {
        await Saving();
        foreach (var alert in changes.Alerts)
            Alerts[alert.Id] = alert;
        foreach (var notification in changes.Notifications)
            Notifications[notification.Id] = notification;
    }

    public async Task SaveDeliveriesAsync(IReadOnlyList<DeliveryRecord> deliveries, CancellationToken cancellationToken)
    {
        await SavingDeliveries();
        foreach (var delivery in deliveries)
            Deliveries.Enqueue(delivery);
    }

    public Task<IReadOnlyList<AlertRecord>> ReadOpenAlertsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<AlertRecord>> ReadAlertsAsync(AlertQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Incident>> ReadOpenIncidentsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Incident>> ReadIncidentsAsync(IncidentQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<QueuedNotification>> ReadOutboxAsync(Notification? after, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<long> DeleteAlertsBeforeAsync(long before, CancellationToken cancellationToken) => throw new NotSupportedException();
}
