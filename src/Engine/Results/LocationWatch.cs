using HealthTrack.Core.Checks;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace HealthTrack.Engine.Results;

/// <summary>
/// Finds locations that have lost their own network, over the whole fleet: while they are blind their votes do not count. When that was is kept in the store;
/// what it cannot take now it is told later.
/// </summary>
internal sealed class LocationWatch(
    Fleet fleet, IntakeProgress intake, ChangeFeed feed, ResultPipeline pipeline, BlindTimes times, IBlindTimeStore store, CollectorRegistry registry, TimeProvider time,
    ILogger<LocationWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    // A location that was blind for the leader before is not taken to see because nothing, or too little, was heard of it since.
    private static readonly TimeSpan RecallGrace = TimeSpan.FromSeconds(60);

    // Rounds of a day are judged anew, and the day's start is rounded down.
    private static readonly long Kept = (long)TimeSpan.FromHours(26).TotalMilliseconds;

    private readonly Gauge _blind = Prometheus.Metrics.WithCustomRegistry(registry).CreateGauge(
        "healthtrack_location_blind", "1 for a location all of whose monitors fail while another sees them well: its votes do not count.", "pool");

    private readonly List<BlindTime> _news = [];
    private long _firstLook;
    private IReadOnlySet<string>? _recalled;

    /// <summary>The locations that are blind now.</summary>
    public IReadOnlySet<string> Blind => times.Now;

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var sightings = fleet.All.SelectMany(state => state.Sightings(now)).ToList();
        var before = times.Now;
        if (_recalled is null)
            (_recalled, _firstLook) = (before, time.GetTimestamp());
        var blind = BlindLocations.Of(sightings).Union(StillBlind(_recalled.Where(before.Contains), sightings)).ToHashSet(StringComparer.Ordinal);
        foreach (var pool in sightings.Select(s => s.Location).Concat(before).Distinct())
            _blind.WithLabels(pool).Set(blind.Contains(pool) ? 1 : 0);
        foreach (var pool in blind.Except(before))
        {
            Log.LocationBlind(log, pool);
            _news.Add(times.Begin(pool, now));
        }
        foreach (var pool in before.Except(blind))
        {
            Log.LocationSees(log, pool);
            if (times.End(pool, now) is { } over)
                _news.Add(over);
        }
        times.Forget(now - Kept);
        Tell(blind, now);
    }

    /// <summary>Tells the store what is new.</summary>
    internal async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (_news.Count == 0)
            return;
        try
        {
            await store.SaveBlindTimesAsync([.. _news], time.GetUtcNow().ToUnixTimeMilliseconds() - Kept, cancellationToken);
            _news.Clear();
        }
        catch (StoreUnavailableException)
        {
            // That the store is away is said where results wait for it. These are told at the next look.
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await intake.FirstSync.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            Look();
            await SaveAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private IEnumerable<string> StillBlind(IEnumerable<string> recalled, List<Sighting> sightings) => time.GetElapsedTime(_firstLook) > RecallGrace
        ? []
        : recalled.Where(pool => !sightings.Exists(s => s.Location == pool && s.Outcome is (Outcome.Ok or Outcome.Warn)));

    // Each time, and all of them: a monitor may have been made, or got another location, since.
    private void Tell(IReadOnlySet<string> blind, long now)
    {
        foreach (var state in fleet.All)
        {
            if (!state.SetBlind(blind, now))
                continue;
            pipeline.MarkLater(state);
            feed.ServiceChanged(state.Id);
        }
    }
}
