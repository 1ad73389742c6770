using System.Data;
using System.Data.Common;

namespace HealthTrack.Engine.Storage.Alerts;

/// <summary>Commands with named parameters over any driver.</summary>
internal static class Commands
{
    public static DbCommand Command(this DbConnection connection, string sql, params IEnumerable<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // All texts are constants of this folder; what comes from outside is a parameter.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
            command.With(name, value);
        return command;
    }

    public static void With(this DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    // A null has no type of its own, and Postgres asks for one.
    public static void Nullable(this DbCommand command, string name, long? value) => command.Nullable(name, value, DbType.Int64);

    public static void Nullable(this DbCommand command, string name, string? value) => command.Nullable(name, value, DbType.String);

    public static async Task<List<T>> ReadAsync<T>(
        this DbConnection connection, string sql, IEnumerable<(string Name, object Value)> values, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    public static long? NullableLong(this DbDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    private static void Nullable(this DbCommand command, string name, object? value, DbType type)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        parameter.Value = value ?? DBNull.Value;
        command.Parameters.Add(parameter);
    }
}
