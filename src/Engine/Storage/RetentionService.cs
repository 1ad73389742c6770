using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Storage;

/// <summary>How long things are kept.</summary>
public sealed record RetentionOptions
{
    /// <summary>How long checks are kept where nothing is said.</summary>
    public const string Default = "14d";

    /// <summary>
    /// How long checks, and monitors after their deletion, are kept. Positive. The checks of a monitor whose window is longer are kept for that window, or a
    /// restart would cut it short; in Postgres, where whole days are dropped, all checks are kept for the longest window then.
    /// </summary>
    public TimeSpan Checks { get; init; } = Durations.Parse(Default);

    /// <summary>Reads what <c>--retention</c> says.</summary>
    /// <param name="checks">How long checks are kept: a duration, as in a manifest.</param>
    /// <exception cref="FormatException">It is none, or out of bounds; a sentence names the flag and says what would be right.</exception>
    public static RetentionOptions Read(string checks) =>
        // Uptime looks back 24 h. The upper bound catches a slip: Postgres has a partition for each day.
        Durations.TryParse(checks, out var kept) && kept >= TimeSpan.FromDays(1) && kept <= TimeSpan.FromDays(3650)
            ? new RetentionOptions { Checks = kept }
            : throw new FormatException($"--retention must be how long checks are kept, from 1d to 3650d, such as 30d; it is '{checks}'.");
}

/// <summary>Deletes from the store once an hour what is older than its retention. A pass that fails is logged, counted and tried again an hour later.</summary>
internal sealed class RetentionService : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // Soon enough that a process restarted every half hour still deletes; late enough that a start is not slowed down.
    private static readonly TimeSpan FirstPass = TimeSpan.FromMinutes(2);

    // Alerts and incidents that are over, and what was told of them.
    private static readonly TimeSpan AlertRetention = TimeSpan.FromDays(90);

    // What other systems are told of them: twice as long, for one that is away.
    private static readonly TimeSpan EventRetention = 2 * AlertRetention;

    private readonly IResultStore _store;
    private readonly Fleet _fleet;
    private readonly IntakeProgress _intake;
    private readonly RetentionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RetentionService> _log;
    private readonly UnpublishedChecks? _unpublished;
    private long _failures;
    private long _deleted;

    /// <summary>Deletes nothing yet.</summary>
    /// <exception cref="ArgumentException">The retention is not positive.</exception>
    public RetentionService(
        IResultStore store, Fleet fleet, IntakeProgress intake, RetentionOptions options, TimeProvider time, ILogger<RetentionService> log,
        UnpublishedChecks? unpublished = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Checks <= TimeSpan.Zero)
            throw new ArgumentException($"The retention of checks must be positive, not {options.Checks}.", nameof(options));
        _store = store;
        _fleet = fleet;
        _intake = intake;
        _options = options;
        _time = time;
        _log = log;
        _unpublished = unpublished;
    }

    /// <summary>Passes that failed since the start.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Checks deleted since the start.</summary>
    public long Deleted => Interlocked.Read(ref _deleted);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(FirstPass, _time, stoppingToken);
        // Before that, nobody knows how long the windows are.
        await _intake.FirstSync.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Period, _time);
        do
        {
            await PassAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task PassAsync(CancellationToken stoppingToken)
    {
        var now = _time.GetUtcNow();
        var before = StartOfDay(now - _options.Checks);
        try
        {
            var cutOff = _unpublished is null
                ? new RetentionCutOff(before)
                : await _unpublished.CutOffAsync(before, StartOfDay(now - (2 * _options.Checks)), stoppingToken);
            before = StartOfDay(cutOff.Before);
            var deleted = await _store.DeleteBeforeAsync(before.ToUnixTimeMilliseconds(), KeepFrom(now, before), stoppingToken);
            if (_unpublished is not null)
                await _unpublished.CountLostAsync(cutOff, stoppingToken);
            await _store.Alerts.DeleteAlertsBeforeAsync((now - AlertRetention).ToUnixTimeMilliseconds(), stoppingToken);
            await _store.Events.DeleteEventsBeforeAsync((now - EventRetention).ToUnixTimeMilliseconds(), stoppingToken);
            Interlocked.Add(ref _deleted, deleted);
            Log.Deleted(_log, deleted, before);
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _failures);
            Log.RetentionFailed(_log, before, error);
        }
    }

    // The few services whose window begins before the retention does.
    private Dictionary<long, long> KeepFrom(DateTimeOffset now, DateTimeOffset before)
    {
        var keepFrom = new Dictionary<long, long>();
        foreach (var state in _fleet.All)
        {
            if (state.Monitor is not { } monitor)
                continue;
            var start = WindowBounds.Start(now.ToUnixTimeMilliseconds(), (long)monitor.Spec.Window.TotalMilliseconds);
            if (start < before.ToUnixTimeMilliseconds())
                keepFrom[state.Id] = StartOfDay(DateTimeOffset.FromUnixTimeMilliseconds(start)).ToUnixTimeMilliseconds();
        }

        return keepFrom;
    }

    // Down to the start of a UTC day: Postgres then drops whole partitions and deletes no row by itself. A check is kept up to a day longer for it.
    private static DateTimeOffset StartOfDay(DateTimeOffset time) => new(time.UtcDateTime.Date, TimeSpan.Zero);
}
