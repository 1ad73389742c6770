using System.Data.Common;

namespace HealthTrack.Engine.Storage.Alerts;

/// <summary>What the drivers' databases have in common: pieces of work on a connection, with errors in the words of <see cref="IResultStore"/>.</summary>
internal interface ISqlDatabase
{
    /// <summary>Runs <paramref name="work"/> on a connection that sees all that was committed.</summary>
    Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs <paramref name="work"/> in a transaction that no other writer shares, and commits it.</summary>
    Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken);
}
