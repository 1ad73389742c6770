using HealthTrack.Core.Sre;
using HealthTrack.Engine.Intake;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace HealthTrack.Engine.Results;

/// <summary>Finds locations that have lost their own network, over the whole fleet: while they are blind their votes do not count.</summary>
internal sealed class LocationWatch(
    Fleet fleet, IntakeProgress intake, ChangeFeed feed, ResultPipeline pipeline, CollectorRegistry registry, TimeProvider time, ILogger<LocationWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly Gauge _blind = Prometheus.Metrics.WithCustomRegistry(registry).CreateGauge(
        "healthtrack_location_blind", "1 for a location all of whose monitors fail while another sees them well: its votes do not count.", "pool");

    private IReadOnlySet<string> _now = new HashSet<string>();

    /// <summary>The locations that are blind now.</summary>
    public IReadOnlySet<string> Blind => Volatile.Read(ref _now);

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var sightings = fleet.All.SelectMany(state => state.Sightings(now)).ToList();
        var blind = BlindLocations.Of(sightings);
        foreach (var pool in sightings.Select(s => s.Location).Concat(Blind).Distinct())
            _blind.WithLabels(pool).Set(blind.Contains(pool) ? 1 : 0);
        if (blind.SetEquals(Blind))
            return;
        foreach (var pool in blind.Except(Blind))
            Log.LocationBlind(log, pool);
        foreach (var pool in Blind.Except(blind))
            Log.LocationSees(log, pool);
        Volatile.Write(ref _now, blind);
        Tell(blind, now);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await intake.FirstSync.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            Look();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

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
