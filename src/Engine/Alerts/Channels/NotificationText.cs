using System.Globalization;
using System.Text.Json.Nodes;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Alerts.Channels;

/// <summary>What every kind of channel says of a notification.</summary>
internal sealed class NotificationText(EngineOptions options)
{
    /// <summary>One line: <c>Shop is down</c>.</summary>
    public static string Title(Notification notification) => notification.Kind switch
    {
        AnnouncementKind.Test => $"{notification.DisplayName} works",
        AnnouncementKind.Resolved when EndsWithoutRecovery(notification) => $"{notification.DisplayName}: no alert any more ({AlertNames.Of(notification.Signal)})",
        AnnouncementKind.Resolved => $"{notification.DisplayName} {Recovered(notification.Signal)}",
        AnnouncementKind.Reminder => $"{notification.DisplayName} {Still(Wrong(notification.Signal))}",
        _ => $"{notification.DisplayName} {Wrong(notification.Signal)}",
    };

    /// <summary>How long it lasted, or has lasted: <c>4 s</c>, <c>12 min</c>, <c>3 h 5 min</c>.</summary>
    public static string Duration(Notification notification)
    {
        var length = TimeSpan.FromMilliseconds(Math.Max(0, notification.DecidedAt - notification.StartedAt));
        return length.TotalMinutes < 1 ? Say($"{length.Seconds} s")
            : length.TotalHours < 1 ? Say($"{length.Minutes} min")
            : length.TotalDays < 1 ? Say($"{length.Hours} h {length.Minutes} min")
            : Say($"{length.Days} d {length.Hours} h");
    }

    /// <summary>The service's page in the dashboard; the dashboard where there is no service.</summary>
    public string Link(Notification notification)
    {
        var dashboard = options.PublicUrl.AbsoluteUri.TrimEnd('/');
        return notification.Kind == AnnouncementKind.Test ? $"{dashboard}/" : Say($"{dashboard}/services/{notification.Subject.ServiceId}");
    }

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
            AnnouncementKind.Test => "test",
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

    private static string Wrong(AlertSignal signal) => signal switch
    {
        AlertSignal.Down => "is down",
        AlertSignal.Latency => "is slow",
        AlertSignal.ErrorRate => "fails too often",
        AlertSignal.Apdex => "leaves its users waiting",
        AlertSignal.Certificate => "has a certificate that ends soon",
        AlertSignal.NoData => "is not being checked",
        _ => "burns its error budget",
    };

    private static string Still(string wrong) => wrong.StartsWith("is ", StringComparison.Ordinal) ? $"is still {wrong[3..]}" : $"still {wrong}";

    private static string Recovered(AlertSignal signal) => signal switch
    {
        AlertSignal.Down => "is up again",
        AlertSignal.Latency => "is fast enough again",
        AlertSignal.ErrorRate => "fails rarely enough again",
        AlertSignal.Apdex => "leaves its users waiting no more",
        AlertSignal.Certificate => "has a certificate that lasts",
        AlertSignal.NoData => "is being checked again",
        _ => "keeps its error budget again",
    };

    // Suspended, deleted, or asked for no more: nobody knows how it is.
    private static bool EndsWithoutRecovery(Notification notification) => notification.Reason is HealthReasons.Suspended or AlertLook.Deleted or AlertLook.SignalOff;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
