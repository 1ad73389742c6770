using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization;
using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Storage.Alerts;

/// <summary>The statements over the outbox of notifications, the same in every driver.</summary>
internal static class OutboxTable
{
    private const int MaxRead = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static async Task AddAsync(DbConnection connection, IReadOnlyList<Notification> notifications, CancellationToken cancellationToken)
    {
        foreach (var notification in notifications)
        {
            await using var command = connection.Command(
                """
                insert into notifications (id, channel_namespace, channel_name, decided_at, content, state, attempts, at)
                values (@id, @namespace, @name, @decided, @content, 0, 0, @decided) on conflict do nothing
                """,
                ("id", notification.Id), ("namespace", notification.Channel.Namespace), ("name", notification.Channel.Name), ("decided", notification.DecidedAt),
                ("content", JsonSerializer.Serialize(notification, Json)));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public static Task<List<QueuedNotification>> ReadWaitingAsync(DbConnection connection, Notification? after, CancellationToken cancellationToken) => connection.ReadAsync(
        """
        select content, attempts, at from notifications
        where state = 0 and (decided_at, id, channel_namespace, channel_name) > (@decided, @id, @namespace, @name)
        order by decided_at, id, channel_namespace, channel_name limit @limit
        """,
        [
            ("decided", after?.DecidedAt ?? long.MinValue), ("id", after?.Id ?? ""), ("namespace", after?.Channel.Namespace ?? ""), ("name", after?.Channel.Name ?? ""),
            ("limit", (long)MaxRead),
        ],
        reader => new QueuedNotification(JsonSerializer.Deserialize<Notification>(reader.GetString(0), Json)!, (int)reader.GetInt64(1), reader.GetInt64(2)),
        cancellationToken);

    public static async Task SaveAsync(DbConnection connection, IReadOnlyList<DeliveryRecord> deliveries, CancellationToken cancellationToken)
    {
        foreach (var delivery in deliveries)
        {
            // What arrived stays so: a late word of a try that failed says nothing new.
            await using var command = connection.Command(
                """
                update notifications set state = @state, attempts = @attempts, at = @at, error = @error
                where id = @id and channel_namespace = @namespace and channel_name = @name and state <> 1
                """,
                ("state", (int)delivery.State), ("attempts", (long)delivery.Attempts), ("at", delivery.At), ("id", delivery.NotificationId),
                ("namespace", delivery.Channel.Namespace), ("name", delivery.Channel.Name));
            command.Nullable("error", StoredText.Message(delivery.Error));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
