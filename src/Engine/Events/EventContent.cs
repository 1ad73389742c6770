using System.Globalization;
using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Contracts.Events;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Events;

/// <summary>What is told of what happened. The key is made of what happened alone, so that told again, after a crash, it is the same.</summary>
internal static class EventContent
{
    /// <summary>A service's health turned, as the <paramref name="nth"/> time in that millisecond, from 0.</summary>
    public static NewEvent OfTurn(StoredMonitor monitor, string previous, HealthVerdict verdict, long at, int nth) => new(
        EventTopics.Changes, Key(monitor.Key.ToString(), nth == 0 ? at : $"{at}.{nth}", verdict.Health), monitor.Key, at,
        Json(new HealthChangeEvent
        {
            ServiceId = monitor.Id,
            Namespace = monitor.Key.Namespace,
            Name = monitor.Key.Name,
            Timestamp = Time(at),
            PreviousHealth = previous,
            Health = verdict.Health.ToString(),
            Reason = verdict.Reason,
            Message = verdict.Message,
        }));

    /// <summary>An alert fires, becomes more urgent, is acknowledged or ends.</summary>
    public static NewEvent Of(AlertRecord alert)
    {
        var at = alert.State switch
        {
            AlertState.Resolved => alert.EndedAt,
            AlertState.Acknowledged => alert.AcknowledgedAt,
            _ => alert.AnnouncedAt,
        } ?? alert.StartedAt;
        var (key, state, severity) = (alert.Subject.Key, AlertNames.Of(alert.State), AlertNames.Of(alert.Severity));
        return new NewEvent(
            EventTopics.Alerts, Key(key.ToString(), AlertNames.Of(alert.Signal), alert.StartedAt, state, severity), key, at,
            Json(new AlertEvent
            {
                AlertId = alert.Id,
                ServiceId = alert.Subject.ServiceId,
                Namespace = key.Namespace,
                Name = key.Name,
                Timestamp = Time(at),
                Signal = AlertNames.Of(alert.Signal),
                State = state,
                Severity = severity,
                Reason = alert.Reason,
                Message = alert.Message,
                StartedAt = Time(alert.StartedAt),
                AcknowledgedBy = alert.AcknowledgedBy,
                EndedAt = alert.EndedAt is { } ended ? Time(ended) : null,
            }));
    }

    /// <summary>A check was stored.</summary>
    public static NewEvent Of(TailedCheck tailed)
    {
        var ((key, check), result) = (tailed, tailed.Check.Result);
        return new NewEvent(
            EventTopics.Checks, Key(key.ToString(), result.Location, result.DueTime), key, result.DueTime,
            Json(new CheckEvent
            {
                ServiceId = check.ServiceId,
                Namespace = key.Namespace,
                Name = key.Name,
                Timestamp = Time(result.DueTime),
                StartedAt = Time(result.StartedAt),
                Status = CheckRows.Status(result.Outcome),
                ResponseTimeMs = result.LatencyMicros / 1000.0,
                StatusCode = result.StatusCode,
                Location = result.Location,
                Worker = result.Worker,
                Kind = CheckRows.Kind(result.Kind),
                Generation = result.Generation,
                Error = result.Message,
            }));
    }

    private static string Key(params object[] parts) => string.Join('/', parts.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture)));

    private static string Json<T>(T content) => JsonSerializer.Serialize(content, ApiJson.Options);

    private static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);
}
