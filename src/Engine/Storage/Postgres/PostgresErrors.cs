using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>Sorts Postgres' errors into those that pass, those that need a person, and bugs.</summary>
internal static class PostgresErrors
{
    /// <summary>The exception that the store throws for <paramref name="error"/>, or null where it is a bug that shows as it is.</summary>
    /// <param name="error">What Npgsql threw.</param>
    /// <param name="place">Host, port and database.</param>
    /// <param name="wasOpen">
    /// Whether the database was in use before: what refuses a start, such as a wrong password, is then a change that somebody is about to complete, and
    /// results are held until it is.
    /// </param>
    public static Exception? Translate(Exception error, string place, bool wasOpen)
    {
        switch (error)
        {
            case PostgresException answer:
                if (Refusal(answer) is { } refusal && !wasOpen)
                    return new StoreRefusedException($"The database {place} cannot be used: {refusal}.", answer);
                return (Refusal(answer) ?? Passing(answer)) is { } reason ? Unavailable(place, reason, answer) : null;
            case NpgsqlException { InnerException: AuthenticationException tls }:
                return Unavailable(place, $"no TLS connection could be made ({tls.Message})", error);
            case NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } }
                or SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                return Unavailable(place, "the name of its host is not known", error);
            case NpgsqlException { InnerException: TimeoutException } or TimeoutException:
                return Unavailable(place, "it did not answer in time", error);
            case NpgsqlException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable } }:
                // The second is a socket file that is not there.
                return Unavailable(place, "nothing listens there", error);
            case NpgsqlException or SocketException or IOException:
                return Unavailable(place, $"the connection failed ({(error.InnerException ?? error).Message})", error);
            default:
                return null;
        }
    }

    /// <summary>Whether connections that were open before this error are of no use any more.</summary>
    public static bool BreaksConnections(Exception error) =>
        error is not PostgresException answer || answer.SqlState.StartsWith("57P", StringComparison.Ordinal) || answer.SqlState.StartsWith("08", StringComparison.Ordinal);

    private static StoreUnavailableException Unavailable(string place, string reason, Exception error) =>
        new($"The database {place} cannot be used now: {reason}.", error);

    private static string? Refusal(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword => "the password is wrong or the user is unknown",
        PostgresErrorCodes.InvalidAuthorizationSpecification => $"Postgres does not let this user in ({error.MessageText})",
        PostgresErrorCodes.InvalidCatalogName => "there is no such database; create it first, HealthTrack makes only its tables",
        PostgresErrorCodes.InsufficientPrivilege => $"a right is missing ({error.MessageText})",
        PostgresErrorCodes.InvalidSchemaName => $"there is no such schema ({error.MessageText})",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => $"it is damaged ({error.MessageText}); put a backup in its place",
        _ => null,
    };

    private static string? Passing(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "its disk is full",
        PostgresErrorCodes.TooManyConnections => "it has no connection left to give",
        PostgresErrorCodes.ReadOnlySqlTransaction => "it may only be read",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.DatabaseDropped =>
            $"it is being stopped or started ({error.MessageText})",
        PostgresErrorCodes.LockNotAvailable => "another session holds it locked",
        PostgresErrorCodes.UndefinedTable => $"a table is missing ({error.MessageText}); restart when it is back",
        var state when state.Length == 5 && state[..2] is "08" or "40" or "53" or "55" or "57" or "58" or "25" => error.MessageText,
        _ => null,
    };
}
