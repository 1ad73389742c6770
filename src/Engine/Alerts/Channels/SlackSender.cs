using System.Text.Json.Nodes;
using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Alerts.Channels;

/// <summary>Posts to a Slack incoming webhook, in Block Kit: name, health, the metric against its threshold, since when, a link.</summary>
internal sealed class SlackSender(HttpPost post, NotificationText text) : INotificationSender
{
    // Slack's own bounds: a header has 150 characters, a section's text 3000.
    private const int MaxHeader = 150;
    private const int MaxText = 2000;

    /// <inheritdoc/>
    public string Type => "slack";

    /// <inheritdoc/>
    public string? AddressProblem(string address) => HttpPost.Problem(address);

    /// <inheritdoc/>
    public Task<Attempt> SendAsync(NotificationChannel channel, string address, Notification notification, CancellationToken cancellationToken) =>
        post.SendAsync(Type, address, notification, Body(notification), cancellationToken);

    /// <summary>The message.</summary>
    internal JsonObject Body(Notification notification)
    {
        var title = Cut($"{Sign(notification)} {NotificationText.Title(notification)}", MaxHeader);
        var header = new JsonObject { ["type"] = "header", ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = title, ["emoji"] = true } };
        var message = Section(Escape(Cut(notification.Message, MaxText)));
        return new JsonObject
        {
            // What a phone shows, and a screen reader reads.
            ["text"] = Escape(title),
            ["blocks"] = notification.Kind == AnnouncementKind.Test
                ? new JsonArray(header, message, Button(notification))
                : new JsonArray(header, message, new JsonObject { ["type"] = "section", ["fields"] = Fields(notification) }, Button(notification)),
        };
    }

    private static JsonArray Fields(Notification notification) =>
    [
        Field("Service", $"{notification.Subject.Key}"), Field("Health", notification.Health), Field("Severity", AlertNames.Of(notification.Severity)),
        Field("Signal", AlertNames.Of(notification.Signal)), Field("Since", NotificationText.Time(notification.StartedAt)),
        .. notification.Kind is AnnouncementKind.Firing ? Enumerable.Empty<JsonObject>() : [Field(notification.Kind == AnnouncementKind.Resolved ? "Lasted" : "For", NotificationText.Duration(notification))],
        Field("Target", Cut(notification.Target, 300)),
    ];

    private JsonObject Button(Notification notification) => new()
    {
        ["type"] = "actions",
        ["elements"] = new JsonArray(new JsonObject
        {
            ["type"] = "button",
            ["text"] = new JsonObject { ["type"] = "plain_text", ["text"] = "Open in HealthTrack" },
            ["url"] = text.Link(notification),
        }),
    };

    private static string Sign(Notification notification) => notification.Kind is AnnouncementKind.Resolved or AnnouncementKind.Test ? "✅"
        : notification.Severity == AlertSeverity.Critical ? "🔴" : "🟡";

    private static JsonObject Section(string markdown) => new() { ["type"] = "section", ["text"] = Markdown(markdown) };

    private static JsonObject Field(string name, string value) => Markdown($"*{name}*\n{Escape(value)}");

    private static JsonObject Markdown(string markdown) => new() { ["type"] = "mrkdwn", ["text"] = markdown };

    // Slack's three control characters: what a target says must not become a mention or a link.
    private static string Escape(string value) =>
        value.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Cut(string value, int most) =>
        value.Length <= most ? value : string.Concat(value.AsSpan(0, char.IsHighSurrogate(value[most - 2]) ? most - 2 : most - 1), "…");
}
