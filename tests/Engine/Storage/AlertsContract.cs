using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>What every driver must do with alerts, incidents and the outbox.</summary>
public abstract class AlertsContract : ResultStoreContract
{
    private static readonly ChannelKey Slack = new("ops", "slack");
    private static readonly ChannelKey Hook = new("ops", "hook");

    [Fact]
    public async Task SaveAlertsAsync_OpenAndOver_GivesBackWhatWasWritten()
    {
        var open = Alert(1, 1000) with { State = AlertState.Acknowledged, AcknowledgedBy = "ada", AcknowledgedAt = 1500, ClearSince = 1400, AnnouncedAt = 1000, Announcements = 1 };
        var over = Alert(2, 2000) with { State = AlertState.Resolved, EndedAt = 3000, Announcements = 2, AnnouncedAt = 3000 };
        await SaveAsync([open, over]);
        await ReopenAsync();
        Assert.Equal(open, Assert.Single(await Store.Alerts.ReadOpenAlertsAsync(Cancelled)));
        Assert.Equal([over, open], await Store.Alerts.ReadAlertsAsync(new AlertQuery(10), Cancelled));
    }

    [Fact]
    public async Task SaveAlertsAsync_Again_Replaces()
    {
        await SaveAsync([Alert(1, 1000)]);
        await SaveAsync([Alert(1, 1000) with { State = AlertState.Resolved, EndedAt = 9, Severity = AlertSeverity.Critical }]);
        Assert.Empty(await Store.Alerts.ReadOpenAlertsAsync(Cancelled));
        Assert.Equal(AlertSeverity.Critical, Assert.Single(await Store.Alerts.ReadAlertsAsync(new AlertQuery(10), Cancelled)).Severity);
    }

    [Fact]
    public async Task ReadAlertsAsync_ByPage_GivesEachOnceAndNewestFirst()
    {
        await SaveAsync([.. Enumerable.Range(0, 7).Select(i => Alert(i % 2, 1000 + (i / 2)))]);
        var seen = new List<string>();
        AlertPosition? after = null;
        while (await Store.Alerts.ReadAlertsAsync(new AlertQuery(2, After: after), Cancelled) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(a => a.Id));
            after = new AlertPosition(page[^1].StartedAt, page[^1].Id);
        }
        Assert.Equal(7, seen.Distinct().Count());
        Assert.Equal(7, seen.Count);
        Assert.Equal(["1-down-1001", "1-down-1000"], (await Store.Alerts.ReadAlertsAsync(new AlertQuery(2, ServiceId: 1, After: new(1002, "0")), Cancelled)).Select(a => a.Id));
    }

    [Fact]
    public async Task ReadOutboxAsync_Delivered_WaitsNoMore()
    {
        var notifications = new[] { Notification(1, Slack), Notification(1, Hook), Notification(2, Slack) };
        await Store.Alerts.SaveAlertsAsync(new AlertChanges([Alert(1, 1000)], [], notifications), Cancelled);
        await ReopenAsync();
        Assert.Equal(notifications.ToHashSet(), (await Store.Alerts.ReadOutboxAsync(null, Cancelled)).Select(q => q.Notification).ToHashSet());

        await Store.Alerts.SaveDeliveriesAsync(
            [new("1-down-1000-1", Slack, DeliveryState.Sent, 1, 5000, null), new("1-down-1000-1", Hook, DeliveryState.Waiting, 3, 7000, "503 Service Unavailable"),
             new("1-down-1000-2", Slack, DeliveryState.Failed, 9, 7000, "404 Not Found"), new("nobody-1", Slack, DeliveryState.Sent, 1, 1, null)],
            Cancelled);
        Assert.Equal(new QueuedNotification(notifications[1], 3, 7000), Assert.Single(await Store.Alerts.ReadOutboxAsync(null, Cancelled)));
    }

    [Fact]
    public async Task ReadOutboxAsync_ByPage_GivesEachOnceAndOldestFirst()
    {
        // One id to two channels, at one time: what a page may end between.
        var notifications = Enumerable.Range(0, 1501).SelectMany(i => new[] { Slack, Hook }.Select(c => Notification(i, c) with { DecidedAt = 5000 - (i / 10) })).ToList();
        await Store.Alerts.SaveAlertsAsync(new AlertChanges([], [], notifications), Cancelled);
        var seen = new List<Notification>();
        while (await Store.Alerts.ReadOutboxAsync(seen.LastOrDefault(), Cancelled) is { Count: > 0 } page)
            seen.AddRange(page.Select(q => q.Notification));
        Assert.Equal(3002, seen.Count);
        Assert.Equal(notifications.ToHashSet(), seen.ToHashSet());
        Assert.Equal(seen.OrderBy(n => n.DecidedAt).Select(n => n.DecidedAt), seen.Select(n => n.DecidedAt));
    }

    [Fact]
    public async Task SaveAlertsAsync_ANotificationAgain_LeavesItsDelivery()
    {
        var changes = new AlertChanges([], [], [Notification(1, Slack)]);
        await Store.Alerts.SaveAlertsAsync(changes, Cancelled);
        await Store.Alerts.SaveDeliveriesAsync([new("1-down-1000-1", Slack, DeliveryState.Sent, 1, 5000, null)], Cancelled);
        await Store.Alerts.SaveAlertsAsync(changes, Cancelled);
        await Store.Alerts.SaveDeliveriesAsync([new("1-down-1000-1", Slack, DeliveryState.Waiting, 2, 6000, "late")], Cancelled);
        Assert.Empty(await Store.Alerts.ReadOutboxAsync(null, Cancelled));
    }

    [Fact]
    public async Task ReadIncidentsAsync_OpenAndOver_GivesBackWhatWasWritten()
    {
        var open = Incident(1, 1000);
        var over = Incident(2, 1000) with { EndedAt = 1500 };
        await Store.Alerts.SaveAlertsAsync(new AlertChanges([], [open, over], []), Cancelled);
        await ReopenAsync();
        Assert.Equal(open, Assert.Single(await Store.Alerts.ReadOpenIncidentsAsync(Cancelled)));
        Assert.Equal([over, open], await Store.Alerts.ReadIncidentsAsync(new IncidentQuery(10), Cancelled));
        Assert.Equal([open], await Store.Alerts.ReadIncidentsAsync(new IncidentQuery(10, After: new(1000, 2)), Cancelled));
        Assert.Equal([over], await Store.Alerts.ReadIncidentsAsync(new IncidentQuery(10, ServiceId: 2), Cancelled));
    }

    [Fact]
    public async Task ReadAsync_OfSomeNamespaces_FillsThePageWithThoseAlone()
    {
        var (shop, tools) = (Alert(1, 1000), Alert(2, 1000) with { Subject = new(2, new MonitorKey("tools", "s2")) });
        var before = Alert(3, 2000) with { Subject = new(3, new MonitorKey("before", "s3")) };
        await Store.Alerts.SaveAlertsAsync(
            new AlertChanges([shop, tools, before], [Incident(1, 1000), Incident(3, 2000) with { Subject = before.Subject }], []), Cancelled);
        Assert.Equal([tools, shop], await Store.Alerts.ReadAlertsAsync(new AlertQuery(2, OpenOnly: true, After: new(9999, "")) { Namespaces = ["shop", "tools"] }, Cancelled));
        Assert.Equal([Incident(1, 1000)], await Store.Alerts.ReadIncidentsAsync(new IncidentQuery(1, After: new(9999, 1)) { Namespaces = ["shop"] }, Cancelled));
        Assert.Equal(3, (await Store.Alerts.ReadAlertsAsync(new AlertQuery(10) { Namespaces = [] }, Cancelled)).Count);
    }

    [Fact]
    public async Task DeleteAlertsBeforeAsync_LeavesWhatIsOpenOrWaits()
    {
        await Store.Alerts.SaveAlertsAsync(
            new AlertChanges(
                [Alert(1, 1000), Alert(2, 1000) with { State = AlertState.Resolved, EndedAt = 1500 }],
                [Incident(1, 1000), Incident(2, 1000) with { EndedAt = 1500 }],
                [Notification(1, Slack), Notification(2, Slack)]),
            Cancelled);
        await Store.Alerts.SaveDeliveriesAsync([new("1-down-1000-1", Slack, DeliveryState.Sent, 1, 1200, null)], Cancelled);
        Assert.Equal(3, await Store.Alerts.DeleteAlertsBeforeAsync(1600, Cancelled));
        Assert.Single(await Store.Alerts.ReadAlertsAsync(new AlertQuery(10), Cancelled));
        Assert.Single(await Store.Alerts.ReadIncidentsAsync(new IncidentQuery(10), Cancelled));
        Assert.Single(await Store.Alerts.ReadOutboxAsync(null, Cancelled));
    }

    private Task SaveAsync(IReadOnlyList<AlertRecord> alerts) => Store.Alerts.SaveAlertsAsync(new AlertChanges(alerts, [], []), Cancelled);

    private static AlertRecord Alert(long service, long startedAt) => new()
    {
        Subject = new(service, new MonitorKey("shop", $"s{service}")),
        Signal = AlertSignal.Down,
        StartedAt = startedAt,
        State = AlertState.Firing,
        Severity = AlertSeverity.Warning,
        Reason = "ChecksFailing",
        Message = "connection refused",
    };

    private static Incident Incident(long service, long startedAt) => new()
    {
        Subject = new(service, new MonitorKey("shop", $"s{service}")), StartedAt = startedAt, Reason = "ChecksFailing", Message = "connection refused",
    };

    private static Notification Notification(int number, ChannelKey channel) => new()
    {
        AlertId = "1-down-1000",
        Number = number,
        Channel = channel,
        Kind = AnnouncementKind.Firing,
        Subject = new(1, new MonitorKey("shop", "s1")),
        DisplayName = "Shop \"one\"",
        Target = "http://127.0.0.1/",
        Health = "Unhealthy",
        Signal = AlertSignal.Down,
        Severity = AlertSeverity.Critical,
        Reason = "ChecksFailing",
        Message = "connection refused",
        StartedAt = 1000,
        DecidedAt = 1000 + number,
    };
}
