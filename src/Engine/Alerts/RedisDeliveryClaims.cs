using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace HealthTrack.Engine.Alerts;

/// <summary>In Redis, for all processes: <c>SET NX EX</c>.</summary>
internal sealed class RedisDeliveryClaims : IDeliveryClaims, IAsyncDisposable
{
    private const string Sent = "sent";
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(300);

    private readonly string _own = Guid.NewGuid().ToString("N");
    private readonly ConfigurationOptions _settings;
    private readonly AlertMetrics _metrics;
    private readonly ILogger<RedisDeliveryClaims> _log;
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private ConnectionMultiplexer? _redis;
    private bool _away;

    /// <param name="redis">Where it is: StackExchange.Redis' own notation. May hold a password: never logged.</param>
    /// <param name="metrics">Says whether it answers.</param>
    /// <param name="log">Says it to people.</param>
    public RedisDeliveryClaims(string redis, AlertMetrics metrics, ILogger<RedisDeliveryClaims> log)
    {
        _settings = Settings(redis);
        (_metrics, _log) = (metrics, log);
    }

    /// <summary>Reads a setting.</summary>
    /// <exception cref="FormatException">It names no server.</exception>
    public static ConfigurationOptions Settings(string redis)
    {
        ConfigurationOptions settings;
        try
        {
            settings = ConfigurationOptions.Parse(redis);
        }
        catch (ArgumentException)
        {
            throw new FormatException("--redis must be HOST:PORT, or options of StackExchange.Redis such as HOST:6379,ssl=true,user=u,password=p.");
        }
        if (settings.EndPoints.Count == 0)
            throw new FormatException("--redis names no server: give HOST:PORT.");
        settings.AbortOnConnectFail = false;
        settings.ConnectTimeout = 2000;
        settings.SyncTimeout = 2000;
        settings.AsyncTimeout = 2000;
        settings.ClientName = "healthtrack";
        return settings;
    }

    public async ValueTask PingAsync(CancellationToken cancellationToken) =>
        await AskAsync(async redis => { await redis.PingAsync(); return true; }, cancellationToken);

    public async ValueTask<ClaimAnswer> TakeAsync(string delivery, CancellationToken cancellationToken)
    {
        var held = await AskAsync(
            async redis => await redis.StringSetAsync(Key(delivery), _own, Held, When.NotExists) ? RedisValue.Null : await redis.StringGetAsync(Key(delivery)),
            cancellationToken);
        // Null: set by us, gone in between, which makes it ours as much as anybody's, or not to be asked.
        return held.IsNull || held == _own ? ClaimAnswer.Taken : held == Sent ? ClaimAnswer.Done : ClaimAnswer.Held;
    }

    public async ValueTask ConfirmAsync(string delivery, CancellationToken cancellationToken) =>
        await AskAsync(redis => redis.StringSetAsync(Key(delivery), Sent, Remembered), cancellationToken);

    public async ValueTask ReleaseAsync(string delivery, CancellationToken cancellationToken) =>
        await AskAsync(redis => redis.LockReleaseAsync(Key(delivery), _own), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
            await _redis.DisposeAsync();
        _connecting.Dispose();
    }

    // The default of T where Redis cannot be asked.
    private async Task<T?> AskAsync<T>(Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            var redis = await ConnectAsync(cancellationToken);
            var answer = await ask(redis.GetDatabase()).WaitAsync(TimeSpan.FromSeconds(3), cancellationToken);
            Answered(null);
            return answer;
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            Answered(e.GetType().Name);
            return default;
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_redis is not null)
            return _redis;
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            return _redis ??= await ConnectionMultiplexer.ConnectAsync(_settings);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private void Answered(string? problem)
    {
        _metrics.ClaimsAnswered(problem is null);
        if (problem is not null && !Interlocked.Exchange(ref _away, true))
            Log.ClaimsAway(_log, problem);
        else if (problem is null && Interlocked.Exchange(ref _away, false))
            Log.ClaimsBack(_log);
    }

    private static RedisKey Key(string delivery) => $"healthtrack:notification:{delivery}";
}
