using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Storage;

/// <summary>
/// Where monitors, checks and what must survive a restart are kept. One contract test suite runs over every driver. Safe for concurrent use:
/// one writer at a time goes through, readers are not held up by it. Times are ms since the Unix epoch.
/// </summary>
/// <remarks>
/// Every method throws <see cref="StoreUnavailableException"/> while the store is away (and only then): the call may be repeated.
/// <see cref="StoreRefusedException"/> says that only a person can help; it usually comes from <see cref="InitializeAsync"/> and is a reason not to start.
/// </remarks>
public interface IResultStore : IWorkerStore, IBlindTimeStore, IAsyncDisposable
{
    /// <summary>The alerts, in the same store.</summary>
    IAlertStore Alerts { get; }

    /// <summary>What other systems are to be told of, in the same store.</summary>
    IEventStore Events { get; }

    /// <summary>Opens the store and brings its schema up to date, under a lock where others may do the same.</summary>
    Task InitializeAsync(CancellationToken cancellationToken);

    /// <summary>Whether the store answers now; never throws but for cancellation.</summary>
    Task<bool> IsAvailableAsync(CancellationToken cancellationToken);

    /// <summary>All monitors ever seen that still have a row, deleted ones included, by id.</summary>
    Task<IReadOnlyList<StoredMonitor>> ReadMonitorsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes what is known of a monitor under (namespace, name), and gives the id that belongs to it: a new one, ascending from 1, or the
    /// one it always had. <see cref="StoredMonitor.Id"/> of the argument is ignored.
    /// </summary>
    /// <returns>The ids in the order of <paramref name="monitors"/>.</returns>
    Task<IReadOnlyList<long>> SaveMonitorsAsync(IReadOnlyList<StoredMonitor> monitors, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers the health marks of monitors, so that a restart goes on where health was, and what other systems are to be told of that, all or none. An event whose key is
    /// there already is left as it is.
    /// </summary>
    Task SaveHealthAsync(IReadOnlyList<HealthMark> marks, IReadOnlyList<NewEvent> changes, CancellationToken cancellationToken);

    /// <summary>Stores checks durably, all or none. One that is there already, by (service, location, due time), is left as it is.</summary>
    /// <returns>For each check in order the id of the new row, or 0 where it was there already (within this batch too).</returns>
    Task<IReadOnlyList<long>> AppendChecksAsync(IReadOnlyList<NewCheck> checks, CancellationToken cancellationToken);

    /// <summary>A page of checks of one service, newest due time first (then highest id).</summary>
    Task<IReadOnlyList<StoredCheck>> ReadChecksAsync(CheckQuery query, CancellationToken cancellationToken);

    /// <summary>The checks of one service as samples, by ascending due time, with due time in [<paramref name="from"/>, <paramref name="until"/>].</summary>
    Task<IReadOnlyList<StoredSample>> ReadSamplesAsync(long serviceId, long from, long until, CancellationToken cancellationToken);

    /// <summary>
    /// What is stored of many services, for a restart to go on from. All of it is in memory at once: who calls bounds how much that is.
    /// </summary>
    /// <returns>The histories in the order of <paramref name="queries"/>.</returns>
    Task<IReadOnlyList<StoredHistory>> ReadHistoriesAsync(IReadOnlyList<HistoryQuery> queries, CancellationToken cancellationToken);

    /// <summary>
    /// Good and bad checks of one service due in [<paramref name="from"/>, <paramref name="until"/>], manual ones and generations before <paramref name="fromGeneration"/> left out, in bins of
    /// <paramref name="binLength"/> ms aligned to the epoch, by ascending start; empty bins are left out. The first and the last bin hold only
    /// what is in the range.
    /// </summary>
    Task<IReadOnlyList<OutcomeBin>> CountOutcomesAsync(
        long serviceId, long from, long until, long binLength, long fromGeneration, CancellationToken cancellationToken);

    /// <summary>The earliest due time at or after <paramref name="from"/> of a check that is not manual and not of an earlier generation, or null.</summary>
    Task<long?> ReadFirstDueAsync(long serviceId, long from, long fromGeneration, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes checks due before <paramref name="before"/>, in pieces small enough not to hold up writers, and the monitors that were deleted
    /// before it, with every check they have left. Certificates that no check has named since go too.
    /// </summary>
    /// <param name="before">The time.</param>
    /// <param name="keepFrom">
    /// By service, from when on its checks are kept longer than that, such as for a window that reaches further back. A driver that drops whole days
    /// keeps those of all services from the earliest of these times on.
    /// </param>
    /// <param name="cancellationToken">Gives up between two pieces.</param>
    /// <returns>How many checks went.</returns>
    Task<long> DeleteBeforeAsync(long before, IReadOnlyDictionary<long, long> keepFrom, CancellationToken cancellationToken);
}

/// <summary>The store cannot be reached or refuses for a reason that passes: disk full, locked, connection lost.</summary>
/// <param name="message">What the store said.</param>
/// <param name="inner">The driver's exception.</param>
public class StoreUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The store belongs to another process now, which leads: this one has to stop acting. To its other callers it is away for good.</summary>
public sealed class StoreFencedException(string message) : StoreUnavailableException(message);

/// <summary>What survives of a monitor between two lives of the process.</summary>
public sealed record StoredMonitor
{
    /// <summary>The API's <c>service_id</c>: belongs to (namespace, name).</summary>
    public required long Id { get; init; }

    /// <summary>Namespace and name.</summary>
    public required MonitorKey Key { get; init; }

    /// <summary>The incarnation last seen.</summary>
    public required string Uid { get; init; }

    /// <summary>The generation last seen.</summary>
    public required long Generation { get; init; }

    /// <summary>The last manifest that was valid, as canonical JSON; empty where none was.</summary>
    public required string Manifest { get; init; }

    /// <summary>Results due before this are history: they belong to another target or to an incarnation that was deleted.</summary>
    public required long CountsFrom { get; init; }

    /// <summary>Results of generations before this one are history, for the same reason.</summary>
    public required long CountsFromGeneration { get; init; }

    /// <summary>When the monitor was deleted; null while it exists.</summary>
    public required long? DeletedAt { get; init; }

    /// <summary>The health mark last saved; null where none was. Not written by <see cref="IResultStore.SaveMonitorsAsync"/>, except that a changed
    /// <see cref="CountsFrom"/> clears it.</summary>
    public HealthMark? Health { get; init; }
}

/// <summary>What a restart must know of health beyond the last checks.</summary>
/// <param name="ServiceId">Of which service.</param>
/// <param name="Unhealthy">Whether the failure threshold was crossed and the success threshold not yet.</param>
/// <param name="Health">The health shown last, as in the API.</param>
/// <param name="Since">Since when, ms since the Unix epoch.</param>
public readonly record struct HealthMark(long ServiceId, bool Unhealthy, string Health, long Since);

/// <summary>A check on its way into the store.</summary>
/// <param name="ServiceId">The service it is of.</param>
/// <param name="Result">The result.</param>
public readonly record struct NewCheck(long ServiceId, CheckResult Result);

/// <summary>Which checks to read.</summary>
/// <param name="ServiceId">Of which service.</param>
/// <param name="Limit">At most this many, 1 to 1000.</param>
/// <param name="Since">Due at or after this; null: any.</param>
/// <param name="After">The page key: only checks that sort after this one; null: from the newest.</param>
public readonly record struct CheckQuery(long ServiceId, int Limit, long? Since = null, CheckPosition? After = null);

/// <summary>A place in the order of <see cref="IResultStore.ReadChecksAsync"/>.</summary>
/// <param name="DueTime">Due time, ms since the Unix epoch.</param>
/// <param name="Id">The check's id.</param>
public readonly record struct CheckPosition(long DueTime, long Id);

/// <summary>A stored check.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ServiceId">Its service.</param>
/// <param name="Result">The result as it came, but for the UID, which is empty: the service's id stands in for it.</param>
public sealed record StoredCheck(long Id, long ServiceId, CheckResult Result);

/// <summary>What the windows need of a check.</summary>
/// <param name="DueTime">Due time, ms since the Unix epoch.</param>
/// <param name="LatencyMicros">Latency, µs.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Kind">Why it was made.</param>
/// <param name="CountsInLatency">See <see cref="CheckResult.CountsInLatency"/>.</param>
/// <param name="Generation">The generation it was made under.</param>
/// <param name="Location">The pool that made it.</param>
public readonly record struct StoredSample(
    long DueTime, long LatencyMicros, Outcome Outcome, CheckKind Kind, bool CountsInLatency, long Generation, string Location);

/// <summary>Counts of one stretch of time.</summary>
/// <param name="Start">Its start, ms since the Unix epoch.</param>
/// <param name="Good">Checks that were ok.</param>
/// <param name="Bad">All others.</param>
public readonly record struct OutcomeBin(long Start, int Good, int Bad);
