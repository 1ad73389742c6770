using System.Data.Common;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Storage.Alerts;

/// <summary>The statements over alerts and incidents: the same in every driver, so written once over what ADO.NET has in common.</summary>
internal static class AlertTables
{
    private const string AlertColumns =
        "id, service_id, namespace, name, signal, started_at, state, severity, reason, message, clear_since, announced_at, announcements, acknowledged_by, "
        + "acknowledged_at, ended_at";

    private const string IncidentColumns = "service_id, started_at, namespace, name, ended_at, reason, message";

    public static async Task SaveAsync(DbConnection connection, AlertChanges changes, CancellationToken cancellationToken)
    {
        foreach (var alert in changes.Alerts)
        {
            await using var command = connection.Command(
                $"""
                insert into alerts ({AlertColumns}) values (@id, @service, @namespace, @name, @signal, @started, @state, @severity, @reason, @message, @clear, @announced,
                  @announcements, @acknowledgedBy, @acknowledgedAt, @ended)
                on conflict (id) do update set state = excluded.state, severity = excluded.severity, reason = excluded.reason, message = excluded.message,
                  clear_since = excluded.clear_since, announced_at = excluded.announced_at, announcements = excluded.announcements,
                  acknowledged_by = excluded.acknowledged_by, acknowledged_at = excluded.acknowledged_at, ended_at = excluded.ended_at
                """,
                ("id", alert.Id), ("service", alert.Subject.ServiceId), ("namespace", alert.Subject.Key.Namespace), ("name", alert.Subject.Key.Name),
                ("signal", AlertNames.Of(alert.Signal)), ("started", alert.StartedAt), ("state", (int)alert.State), ("severity", (int)alert.Severity),
                ("reason", alert.Reason), ("message", StoredText.Message(alert.Message)!));
            command.Nullable("clear", alert.ClearSince);
            command.Nullable("announced", alert.AnnouncedAt);
            command.With("announcements", (long)alert.Announcements);
            command.Nullable("acknowledgedBy", StoredText.Message(alert.AcknowledgedBy));
            command.Nullable("acknowledgedAt", alert.AcknowledgedAt);
            command.Nullable("ended", alert.EndedAt);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        foreach (var incident in changes.Incidents)
        {
            await using var command = connection.Command(
                $"""
                insert into incidents ({IncidentColumns}) values (@service, @started, @namespace, @name, @ended, @reason, @message)
                on conflict (service_id, started_at) do update set ended_at = excluded.ended_at, reason = excluded.reason, message = excluded.message
                """,
                ("service", incident.Subject.ServiceId), ("started", incident.StartedAt), ("namespace", incident.Subject.Key.Namespace),
                ("name", incident.Subject.Key.Name), ("reason", incident.Reason), ("message", StoredText.Message(incident.Message)!));
            command.Nullable("ended", incident.EndedAt);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public static Task<List<AlertRecord>> ReadOpenAlertsAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync($"select {AlertColumns} from alerts where state <> {(int)AlertState.Resolved}", [], ReadAlert, cancellationToken);

    public static Task<List<AlertRecord>> ReadAlertsAsync(DbConnection connection, AlertQuery query, CancellationToken cancellationToken)
    {
        var conditions = new List<string>();
        var values = new List<(string Name, object Value)> { ("limit", (long)query.Limit) };
        if (query.ServiceId is { } service)
            (conditions, values) = ([.. conditions, "service_id = @service"], [.. values, ("service", service)]);
        OfNamespaces(query.Namespaces, conditions, values);
        if (query.OpenOnly)
            conditions.Add($"state <> {(int)AlertState.Resolved}");
        if (query.After is { } after)
            (conditions, values) = ([.. conditions, "(started_at, id) < (@started, @id)"], [.. values, ("started", after.StartedAt), ("id", after.Id)]);
        return connection.ReadAsync(
            $"select {AlertColumns} from alerts {Where(conditions)} order by started_at desc, id desc limit @limit", values, ReadAlert, cancellationToken);
    }

    public static Task<List<Incident>> ReadOpenIncidentsAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.ReadAsync($"select {IncidentColumns} from incidents where ended_at is null", [], ReadIncident, cancellationToken);

    public static Task<List<Incident>> ReadIncidentsAsync(DbConnection connection, IncidentQuery query, CancellationToken cancellationToken)
    {
        var conditions = new List<string>();
        var values = new List<(string Name, object Value)> { ("limit", (long)query.Limit) };
        if (query.ServiceId is { } service)
            (conditions, values) = ([.. conditions, "service_id = @service"], [.. values, ("service", service)]);
        OfNamespaces(query.Namespaces, conditions, values);
        if (query.After is { } after)
        {
            (conditions, values) =
                ([.. conditions, "(started_at, service_id) < (@started, @afterService)"], [.. values, ("started", after.StartedAt), ("afterService", after.ServiceId)]);
        }
        return connection.ReadAsync(
            $"select {IncidentColumns} from incidents {Where(conditions)} order by started_at desc, service_id desc limit @limit", values, ReadIncident, cancellationToken);
    }

    public static async Task<long> DeleteBeforeAsync(DbConnection connection, long before, CancellationToken cancellationToken)
    {
        var deleted = 0L;
        foreach (var sql in (string[])
            ["delete from alerts where ended_at < @before", "delete from incidents where ended_at < @before", "delete from notifications where decided_at < @before and state <> 0"])
        {
            await using var command = connection.Command(sql, ("before", before));
            deleted += await command.ExecuteNonQueryAsync(cancellationToken);
        }
        return deleted;
    }

    private static void OfNamespaces(IReadOnlyList<string>? namespaces, List<string> conditions, List<(string Name, object Value)> values)
    {
        if (namespaces is not { Count: > 0 })
            return;
        conditions.Add($"namespace in ({string.Join(", ", namespaces.Select((_, i) => $"@namespace{i}"))})");
        values.AddRange(namespaces.Select((ns, i) => ($"namespace{i}", (object)ns)));
    }

    private static string Where(List<string> conditions) => conditions.Count == 0 ? "" : $"where {string.Join(" and ", conditions)}";

    private static AlertRecord ReadAlert(DbDataReader reader) => new()
    {
        Subject = new(reader.GetInt64(1), new MonitorKey(reader.GetString(2), reader.GetString(3))),
        Signal = AlertNames.Signal(reader.GetString(4)),
        StartedAt = reader.GetInt64(5),
        State = (AlertState)reader.GetInt32(6),
        Severity = (AlertSeverity)reader.GetInt32(7),
        Reason = reader.GetString(8),
        Message = reader.GetString(9),
        ClearSince = reader.NullableLong(10),
        AnnouncedAt = reader.NullableLong(11),
        Announcements = (int)reader.GetInt64(12),
        AcknowledgedBy = reader.IsDBNull(13) ? null : reader.GetString(13),
        AcknowledgedAt = reader.NullableLong(14),
        EndedAt = reader.NullableLong(15),
    };

    private static Incident ReadIncident(DbDataReader reader) => new()
    {
        Subject = new(reader.GetInt64(0), new MonitorKey(reader.GetString(2), reader.GetString(3))),
        StartedAt = reader.GetInt64(1),
        EndedAt = reader.NullableLong(4),
        Reason = reader.GetString(5),
        Message = reader.GetString(6),
    };
}
