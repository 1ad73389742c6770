using System.Data.Common;
using System.Globalization;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Storage.Alerts;

namespace HealthTrack.Engine.Storage.Events;

/// <summary>The statements over events and cursors, the same in every driver.</summary>
internal static class EventTables
{
    // Rows a statement: when a network fails thousands of services turn at once, and whoever writes holds up all others.
    private const int Together = 200;

    public static async Task AddAsync(DbConnection connection, IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        foreach (var chunk in events.Chunk(Together))
        {
            var rows = string.Join(", ", chunk.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"(@topic{i}, @key{i}, @namespace{i}, @name{i}, @at{i}, @content{i})")));
            await using var command = connection.Command(
                $"insert into events (topic, key, namespace, name, at, content) values {rows} on conflict (key) do nothing", chunk.SelectMany(Values));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public static Task<List<StoredEvent>> ReadAsync(DbConnection connection, string topic, long after, int limit, CancellationToken cancellationToken) => connection.ReadAsync(
        "select id, topic, key, namespace, name, at, content from events where topic = @topic and id > @after order by id limit @limit",
        [("topic", topic), ("after", after), ("limit", (long)limit)],
        reader => new StoredEvent(
            reader.GetInt64(0),
            new NewEvent(reader.GetString(1), reader.GetString(2), new MonitorKey(reader.GetString(3), reader.GetString(4)), reader.GetInt64(5), reader.GetString(6))),
        cancellationToken);

    public static Task<long> LastAsync(DbConnection connection, string topic, CancellationToken cancellationToken) =>
        NumberAsync(connection, "select max(id) from events where topic = @topic", [("topic", topic)], cancellationToken);

    public static Task<long> LastCheckAsync(DbConnection connection, CancellationToken cancellationToken) =>
        NumberAsync(connection, "select last from counters where name = 'checks'", [], cancellationToken);

    public static async Task<long> CountChecksAsync(DbConnection connection, long after, long dueBefore, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select count(*) from checks where id > @after and due < @before", ("after", after), ("before", dueBefore));
        // A backlog of weeks takes minutes on a slow disk, and giving up would keep retention from ever deleting.
        command.CommandTimeout = 0;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    public static async Task<long?> CursorAsync(DbConnection connection, string name, CancellationToken cancellationToken) =>
        await connection.ReadAsync("select position from cursors where name = @name", [("name", name)], reader => reader.GetInt64(0), cancellationToken) is [var position]
            ? position
            : null;

    public static async Task<bool> SaveCursorAsync(DbConnection connection, string name, long position, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            "insert into cursors (name, position) values (@name, @position) on conflict (name) do update set position = excluded.position",
            ("name", name), ("position", position));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    public static async Task<long> DeleteBeforeAsync(DbConnection connection, long before, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("delete from events where at < @before", ("before", before));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static IEnumerable<(string, object)> Values(NewEvent happened, int i) =>
    [
        ($"topic{i}", happened.Topic), ($"key{i}", happened.Key), ($"namespace{i}", happened.Monitor.Namespace), ($"name{i}", happened.Monitor.Name), ($"at{i}", happened.At),
        ($"content{i}", happened.Content),
    ];

    private static async Task<long> NumberAsync(
        DbConnection connection, string sql, IEnumerable<(string, object)> values, CancellationToken cancellationToken)
    {
        var numbers = await connection.ReadAsync(sql, values, reader => reader.IsDBNull(0) ? 0 : reader.GetInt64(0), cancellationToken);
        return numbers is [var number] ? number : 0;
    }
}
