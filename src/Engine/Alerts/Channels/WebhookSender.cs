using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Alerts.Channels;

/// <summary>Posts the notification as JSON, as docs/alerts.md describes it.</summary>
internal sealed class WebhookSender(HttpPost post, NotificationText text) : INotificationSender
{
    /// <inheritdoc/>
    public string Type => "webhook";

    /// <inheritdoc/>
    public string? AddressProblem(string address) => HttpPost.Problem(address);

    /// <inheritdoc/>
    public Task<Attempt> SendAsync(NotificationChannel channel, string address, Notification notification, CancellationToken cancellationToken) =>
        post.SendAsync(Type, address, notification, text.Json(notification), cancellationToken);
}
