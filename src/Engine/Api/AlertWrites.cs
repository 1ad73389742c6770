using HealthTrack.Contracts.Api;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>What people do about alerts.</summary>
internal static class AlertWrites
{
    private const int MaxName = 253;

    /// <summary>Somebody looks after an alert: no more reminders of it.</summary>
    public static async Task<Ok<AlertRow>> Acknowledge(string id, HttpContext context, AlertStage alerts, CancellationToken cancellationToken)
    {
        var caller = ApiCaller.Of(context);
        var subject = alerts.SubjectOf(id);
        await caller.RequireAsync(new ApiAction("update", subject?.Key.Namespace, subject?.Key.Name), cancellationToken);
        var by = context.Request.Query.Text("by") ?? caller.Name ?? "somebody";
        if (by.Length > MaxName)
            throw QueryReader.Bad("by", $"must have at most {MaxName} characters");
        return await alerts.AcknowledgeAsync(id, by, cancellationToken) is { } alert
            ? TypedResults.Ok(AlertReads.Row(alert))
            : throw new RefusedException(StatusCodes.Status404NotFound, $"No alert {id} is open.");
    }

    /// <summary>Sends one message to a channel, past the outbox, and says what came of it.</summary>
    public static async Task<Ok<ChannelTestRow>> Test(
        string name, HttpContext context, IChannelDirectory directory, Notifier notifier, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = new ChannelKey(context.Request.Query.Text("namespace") ?? directory.OwnNamespace, name);
        await ApiCaller.Of(context).RequireAsync(new ApiAction("update", key.Namespace, key.Name) { Resource = "notificationchannels" }, cancellationToken);
        if (directory.Find(key) is not { } channel)
            throw new RefusedException(StatusCodes.Status404NotFound, $"There is no notification channel {key}, or it is wrong.");
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var attempt = await notifier.TestAsync(
            channel,
            new Notification
            {
                AlertId = $"test-{Guid.NewGuid():N}",
                Number = 1,
                Channel = key,
                Kind = AnnouncementKind.Test,
                Subject = new(0, new MonitorKey(key.Namespace, "test")),
                DisplayName = $"The channel {key}",
                Target = "",
                Health = "Healthy",
                Signal = AlertSignal.Down,
                Severity = AlertSeverity.Warning,
                Reason = "Test",
                Message = "Somebody tries whether messages of HealthTrack arrive here. Nothing is wrong.",
                StartedAt = now,
                DecidedAt = now,
            },
            cancellationToken);
        return TypedResults.Ok(new ChannelTestRow(attempt is null, attempt));
    }
}
