using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Alerts;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>Alerts and incidents.</summary>
internal static class AlertReads
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;

    /// <summary>A page of alerts, newest first.</summary>
    public static async Task<Ok<List<AlertRow>>> Alerts(HttpContext context, IResultStore store, ApiTrust trust, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var limit = query.Whole("limit", DefaultPage, 1, MaxPage);
        var openOnly = query.Text("state") switch
        {
            null or "all" => false,
            "open" => true,
            _ => throw QueryReader.Bad("state", "must be open or all"),
        };
        var service = Service(query);
        var after = Position(query) is { } place ? new AlertPosition(place.StartedAt, place.Key) : (AlertPosition?)null;
        var alerts = await store.Alerts.ReadAlertsAsync(new AlertQuery(limit, service, openOnly, after) { Namespaces = trust.Namespaces }, cancellationToken);
        if (alerts.Count == limit)
            NextPage.LinkTo(context, string.Create(CultureInfo.InvariantCulture, $"{alerts[^1].StartedAt}~{alerts[^1].Id}"));
        return TypedResults.Ok(alerts.Select(Row).ToList());
    }

    /// <summary>A page of the incidents of all services, newest first.</summary>
    public static Task<Ok<List<IncidentRow>>> Incidents(
        HttpContext context, IResultStore store, ApiTrust trust, TimeProvider time, CancellationToken cancellationToken) =>
        IncidentsOfAsync(Service(context.Request.Query), trust.Namespaces, context, store, time, cancellationToken);

    /// <summary>The same of one service.</summary>
    public static Task<Ok<List<IncidentRow>>> ServiceIncidents(
        long id, HttpContext context, Fleet fleet, IResultStore store, TimeProvider time, CancellationToken cancellationToken) =>
        IncidentsOfAsync(fleet.Existing(id).Id, [], context, store, time, cancellationToken);

    /// <summary>An alert as it is shown.</summary>
    public static AlertRow Row(AlertRecord alert) => new()
    {
        Id = alert.Id,
        ServiceId = alert.Subject.ServiceId,
        Namespace = alert.Subject.Key.Namespace,
        Name = alert.Subject.Key.Name,
        Signal = AlertNames.Of(alert.Signal),
        State = AlertNames.Of(alert.State),
        Severity = AlertNames.Of(alert.Severity),
        Reason = alert.Reason,
        Message = alert.Message,
        StartedAt = Time(alert.StartedAt),
        AnnouncedAt = Time(alert.AnnouncedAt),
        AcknowledgedBy = alert.AcknowledgedBy,
        AcknowledgedAt = Time(alert.AcknowledgedAt),
        EndedAt = Time(alert.EndedAt),
    };

    private static long? Service(IQueryCollection query) => query.Text("service") is null ? null : query.Whole("service", 0, 1, int.MaxValue);

    private static async Task<Ok<List<IncidentRow>>> IncidentsOfAsync(
        long? service, IReadOnlyList<string> namespaces, HttpContext context, IResultStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var query = context.Request.Query;
        var limit = query.Whole("limit", DefaultPage, 1, MaxPage);
        var after = Position(query) is { } place && long.TryParse(place.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new IncidentPosition(place.StartedAt, id)
            : (IncidentPosition?)null;
        var incidents = await store.Alerts.ReadIncidentsAsync(new IncidentQuery(limit, service, after) { Namespaces = namespaces }, cancellationToken);
        if (incidents.Count == limit)
            NextPage.LinkTo(context, string.Create(CultureInfo.InvariantCulture, $"{incidents[^1].StartedAt}~{incidents[^1].Subject.ServiceId}"));
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return TypedResults.Ok(incidents.Select(incident => Row(incident, now)).ToList());
    }

    private static IncidentRow Row(Incident incident, long now) => new()
    {
        ServiceId = incident.Subject.ServiceId,
        Namespace = incident.Subject.Key.Namespace,
        Name = incident.Subject.Key.Name,
        StartedAt = Time(incident.StartedAt),
        EndedAt = Time(incident.EndedAt),
        DurationSeconds = ((incident.EndedAt ?? now) - incident.StartedAt) / 1000.0,
        Reason = incident.Reason,
        Message = incident.Message,
    };

    private static (long StartedAt, string Key)? Position(IQueryCollection query)
    {
        if (query.Text("after") is not { } text)
            return null;
        var parts = text.Split('~', 2);
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var startedAt)
            ? (startedAt, parts[1])
            : throw QueryReader.Bad("after", "must come from the Link header of the page before");
    }

    private static DateTimeOffset Time(long instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant);

    private static DateTimeOffset? Time(long? instant) => instant is { } at ? Time(at) : null;
}
