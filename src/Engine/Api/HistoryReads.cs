using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>A service's past, folded from its stored checks: of any target that it had, as far back as checks are kept.</summary>
internal static class HistoryReads
{
    public const int MaxBuckets = 1000;

    /// <summary>More checks than this are not read for one answer.</summary>
    public const long MostChecks = 2_000_000;

    private const int DefaultBuckets = 120;
    private const long Day = 86_400_000;

    // Read at once: a few ms of the store, a few MiB of memory.
    private const long ChecksOfOneRead = 20_000;

    // A result is on its way for a moment after its check has ended.
    private const long Underway = 5_000;

    // Lengths that people count in, ms.
    private static readonly long[] Steps =
    [
        1_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000, Day,
    ];

    /// <summary>Buckets of a service's past.</summary>
    public static async Task<Ok<HistoryReport>> Read(
        long id, HttpContext context, Fleet fleet, IResultStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var state = fleet.Existing(id);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (from, to, step) = Range(context.Request.Query, now);
        var monitor = state.Monitor;
        var firstDue = await store.ReadFirstDueAsync(id, 0, 0, cancellationToken) ?? now;
        var perRead = monitor is null ? ChecksOfOneRead * 1000 : (long)(ChecksOfOneRead * monitor.Spec.Interval.TotalMilliseconds / monitor.Spec.Pools.Count);
        if ((Math.Min(to, now) - Math.Max(from, firstDue)) / perRead * ChecksOfOneRead > MostChecks)
            throw QueryReader.Bad("from", string.Create(CultureInfo.InvariantCulture, $"leads to more than {MostChecks} checks: ask for a shorter stretch"));

        var underway = now - Underway - (long)(monitor?.Spec.Timeout.TotalMilliseconds ?? 0);
        // The grid begins with the first interval after the first check, which runs beside it.
        var onGrid = firstDue + (long)(monitor?.Spec.Interval.TotalMilliseconds ?? 0);
        var fold = new HistoryFold(from, to, step, monitor, onGrid, underway);
        for (var start = Math.Max(from, firstDue); start < Math.Min(to, now + Day); start += perRead)
        {
            foreach (var sample in await store.ReadSamplesAsync(id, start, Math.Min(start + perRead, to) - 1, cancellationToken))
                fold.Add(sample.DueTime, sample.LatencyMicros, sample.Outcome, sample.Kind, sample.CountsInLatency, sample.Location);
        }
        return TypedResults.Ok(HistoryRows.Report(id, from, to, step, monitor, fold.Buckets()));
    }

    private static (long From, long To, long Step) Range(IQueryCollection query, long now)
    {
        var to = query.Instant("to") ?? now;
        var from = query.Instant("from") ?? Math.Max(0, to - Day);
        if (from >= to)
            throw QueryReader.Bad("from", "must be before to");
        var step = Step(query) ?? Array.Find(Steps, s => (to - from) / s < DefaultBuckets);
        if (step == 0)
            step = ((to - from) / DefaultBuckets / Day + 1) * Day;
        from -= from % step;
        return (to - from - 1) / step < MaxBuckets
            ? (from, to, step)
            : throw QueryReader.Bad("step", string.Create(CultureInfo.InvariantCulture, $"makes more than {MaxBuckets} buckets: give a longer one, or a shorter stretch"));
    }

    private static long? Step(IQueryCollection query)
    {
        if (query.Text("step") is not { } text)
            return null;
        var given = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
            : Durations.TryParse(text, out var duration) ? duration : TimeSpan.Zero;
        return given >= TimeSpan.FromSeconds(1) && given <= TimeSpan.FromDays(366) && given.Ticks % TimeSpan.TicksPerSecond == 0
            ? (long)given.TotalMilliseconds
            : throw QueryReader.Bad("step", "must be whole seconds, 1 or more, such as 60 or 5m");
    }
}
