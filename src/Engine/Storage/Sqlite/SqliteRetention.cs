using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Storage.Sqlite;

/// <summary>Deletes what is old, a piece a transaction.</summary>
internal static class SqliteRetention
{
    /// <summary>About how many rows a piece takes: some milliseconds of writing.</summary>
    public const int PieceRows = 5000;

    // A piece looks at no more monitors than this, so that one without anything to delete is short too.
    private const int PieceMonitors = 1000;

    /// <summary>Where a pass stands.</summary>
    /// <param name="AfterService">Services up to this one are done.</param>
    /// <param name="Deleted">Checks deleted in this piece.</param>
    /// <param name="Done">Nothing is left.</param>
    public readonly record struct Piece(long AfterService, long Deleted, bool Done);

    /// <summary>
    /// Deletes one piece of what is due before <paramref name="before"/> (or, of the services in <paramref name="keepFrom"/>, before the time there), from the
    /// service after <paramref name="afterService"/> on.
    /// </summary>
    public static Piece DeletePiece(SqliteConnection connection, long before, IReadOnlyDictionary<long, long> keepFrom, long afterService)
    {
        var monitors = Monitors(connection, afterService);
        var deleted = 0L;
        foreach (var (id, deletedAt) in monitors)
        {
            // A monitor deleted that long ago goes as a whole, later checks included: nothing could show them any more.
            var goes = deletedAt < before;
            var until = goes ? long.MaxValue : Math.Min(before, keepFrom.GetValueOrDefault(id, before));
            deleted += DeleteChecks(connection, id, until, PieceRows - deleted);
            if (deleted >= PieceRows)
                return new Piece(afterService, deleted, Done: false);
            if (goes)
                DeleteMonitor(connection, id);
            afterService = id;
        }

        return new Piece(afterService, deleted, Done: monitors.Count < PieceMonitors);
    }

    /// <summary>Deletes one piece of the certificates that no check due at or after <paramref name="cutOff"/> shows; after the checks before it.</summary>
    /// <returns>Whether there may be more.</returns>
    public static bool DeleteCertificates(SqliteConnection connection, long cutOff)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "delete from certificates where id in (select id from certificates where seen < $before limit $limit)";
        command.Parameters.AddWithValue("$before", SeenCertificates.Unneeded(cutOff));
        command.Parameters.AddWithValue("$limit", PieceRows);
        return command.ExecuteNonQuery() == PieceRows;
    }

    private static List<(long Id, long DeletedAt)> Monitors(SqliteConnection connection, long afterService)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "select id, deleted_at from monitors where id > $after order by id limit $limit";
        command.Parameters.AddWithValue("$after", afterService);
        command.Parameters.AddWithValue("$limit", PieceMonitors);
        using var reader = command.ExecuteReader();
        var monitors = new List<(long, long)>();
        while (reader.Read())
            monitors.Add((reader.GetInt64(0), reader.IsDBNull(1) ? long.MaxValue : reader.GetInt64(1)));
        return monitors;
    }

    private static int DeleteChecks(SqliteConnection connection, long serviceId, long before, long limit)
    {
        using var command = connection.CreateCommand();
        // delete has no limit in the usual builds of SQLite: the key of the last row to go stands in for it.
        command.CommandText = """
            delete from checks where service_id = $service and due < $before and (due, location_id) <= (
              select due, location_id from (
                select due, location_id from checks where service_id = $service and due < $before order by due, location_id limit $limit)
              order by due desc, location_id desc limit 1)
            """;
        command.Parameters.AddWithValue("$service", serviceId);
        command.Parameters.AddWithValue("$before", before);
        command.Parameters.AddWithValue("$limit", limit);
        return command.ExecuteNonQuery();
    }

    private static void DeleteMonitor(SqliteConnection connection, long id)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "delete from monitors where id = $id";
        command.Parameters.AddWithValue("$id", id);
        command.ExecuteNonQuery();
    }
}
