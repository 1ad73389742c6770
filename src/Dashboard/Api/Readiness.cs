using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>What the API last said of itself: asked every few seconds, once for the whole process.</summary>
internal sealed class Readiness(HealthTrackClient client, Fleet fleet, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(1);

    private volatile HealthReport? _report;

    /// <summary>Component and message of all that is not as it should be; empty while all is well, and while the API is away, which is said elsewhere.</summary>
    public IReadOnlyList<(string Component, string Message)> Degraded => _report is not { Components: { } components } ? [] :
        [.. components.Where(c => c.Value is { Status: "degraded" }).Select(c => (c.Key, c.Value.Message)).OrderBy(c => c.Key, StringComparer.Ordinal)];

    /// <summary>Takes up a report.</summary>
    public void Hear(HealthReport? report) => _report = report;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var live = fleet.Status().Link == LinkState.Live;
            try
            {
                Hear(live ? (await client.ReadyAsync(stoppingToken)).Value : null);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            await Task.Delay(live ? Period : WhileAway, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
