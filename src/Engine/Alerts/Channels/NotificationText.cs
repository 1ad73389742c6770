using System.Globalization;
using System.Text.Json.Nodes;
using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Alerts.Channels;

/// <summary>What every kind of channel says of a notification.</summary>
internal sealed class NotificationText(EngineOptions options)
{
    /// <summary>One line: <c>Shop is down</c>.</summary>
    public static string Title(Notification notification)
    {
        var what = notification.Signal switch
        {
            AlertSignal.Down => "is down",
            AlertSignal.Latency => "is slow",
            AlertSignal.ErrorRate => "fails too often",
            AlertSignal.Apdex => "leaves its users waiting",
            AlertSignal.Certificate => "has a certificate that ends soon",
            AlertSignal.NoData => "is not being checked",
            _ => "burns its error budget",
        };
        return notification.Kind switch
        {
            AnnouncementKind.Resolved => $"{notification.DisplayName}: over ({AlertNames.Of(notification.Signal)})",
            AnnouncementKind.Reminder => $"{notification.DisplayName} still {what}",
            _ => $"{notification.DisplayName} {what}",
        };
    }

    /// <summary>The service's page in the dashboard.</summary>
    public string Link(Notification notification) =>
        string.Create(CultureInfo.InvariantCulture, $"{options.PublicUrl.AbsoluteUri.TrimEnd('/')}/services/{notification.Subject.ServiceId}");

    /// <summary>All of it, for machines.</summary>
    public JsonObject Json(Notification notification) => new()
    {
        ["id"] = notification.Id,
        ["alert_id"] = notification.AlertId,
        ["kind"] = notification.Kind switch
        {
            AnnouncementKind.Firing => "firing",
            AnnouncementKind.Escalated => "escalated",
            AnnouncementKind.Reminder => "reminder",
            _ => "resolved",
        },
        ["title"] = Title(notification),
        ["service_id"] = notification.Subject.ServiceId,
        ["namespace"] = notification.Subject.Key.Namespace,
        ["name"] = notification.Subject.Key.Name,
        ["service_name"] = notification.DisplayName,
        ["target"] = notification.Target,
        ["health"] = notification.Health,
        ["signal"] = AlertNames.Of(notification.Signal),
        ["severity"] = AlertNames.Of(notification.Severity),
        ["reason"] = notification.Reason,
        ["message"] = notification.Message,
        ["started_at"] = Time(notification.StartedAt),
        ["at"] = Time(notification.DecidedAt),
        ["link"] = Link(notification),
    };

    /// <summary>RFC 3339, UTC, to the second.</summary>
    public static string Time(long instant) =>
        DateTimeOffset.FromUnixTimeMilliseconds(instant).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
