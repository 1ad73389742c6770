using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Storage;

/// <summary>How long things are kept.</summary>
public sealed record RetentionOptions
{
    /// <summary>How long checks, and monitors after their deletion, are kept. Positive.</summary>
    public TimeSpan Checks { get; init; } = TimeSpan.FromDays(14);
}

/// <summary>Deletes from the store once an hour what is older than its retention. A pass that fails is logged, counted and tried again an hour later.</summary>
public sealed class RetentionService : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // Soon enough that a process restarted every half hour still deletes; late enough that a start is not slowed down.
    private static readonly TimeSpan FirstPass = TimeSpan.FromMinutes(2);

    private readonly IResultStore _store;
    private readonly RetentionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RetentionService> _log;
    private long _failures;
    private long _deleted;

    /// <summary>Deletes nothing yet.</summary>
    /// <exception cref="ArgumentException">The retention is not positive.</exception>
    public RetentionService(IResultStore store, RetentionOptions options, TimeProvider time, ILogger<RetentionService> log)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Checks <= TimeSpan.Zero)
            throw new ArgumentException($"The retention of checks must be positive, not {options.Checks}.", nameof(options));
        _store = store;
        _options = options;
        _time = time;
        _log = log;
    }

    /// <summary>Passes that failed since the start.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Checks deleted since the start.</summary>
    public long Deleted => Interlocked.Read(ref _deleted);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(FirstPass, _time, stoppingToken);
        using var timer = new PeriodicTimer(Period, _time);
        do
        {
            await PassAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task PassAsync(CancellationToken stoppingToken)
    {
        // Down to the start of a UTC day: Postgres then drops whole partitions and deletes no row by itself. A check is kept up to a day longer for it.
        var before = new DateTimeOffset((_time.GetUtcNow() - _options.Checks).UtcDateTime.Date, TimeSpan.Zero);
        try
        {
            var deleted = await _store.DeleteBeforeAsync(before.ToUnixTimeMilliseconds(), stoppingToken);
            Interlocked.Add(ref _deleted, deleted);
            Log.Deleted(_log, deleted, before);
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            Interlocked.Increment(ref _failures);
            Log.RetentionFailed(_log, before, error);
        }
    }
}
