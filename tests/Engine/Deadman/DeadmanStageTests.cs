using System.Globalization;
using System.Net;
using System.Text;
using HealthTrack.Engine.Alerts.Channels;
using HealthTrack.Engine.Deadman;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Engine.Tests.Deadman;

/// <summary>When the switch is called, over a real connection and on a clock of the test's.</summary>
public sealed class DeadmanStageTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly TemporaryFolder _folder = new();
    private readonly KeptLog _log = new();
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly ServiceProvider _services;
    private readonly PipelineMetrics _pipeline;
    private readonly HealthSweep _sweep;
    private DeadmanSwitch _switch = null!;
    private DeadmanMetrics _metrics = null!;
    private DeadmanStage? _stage;

    public DeadmanStageTests()
    {
        _services = new ServiceCollection().AddHttpClient(HttpPost.Client).Services.BuildServiceProvider();
        _pipeline = new PipelineMetrics(_registry);
        _sweep = new HealthSweep(new Fleet(), new ChangeFeed(), _time);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _switch = await DeadmanSwitch.StartAsync(Cancelled);

    public async ValueTask DisposeAsync()
    {
        if (_stage is not null)
            await _stage.StopAsync(CancellationToken.None);
        _stage?.Dispose();
        await _switch.DisposeAsync();
        await _services.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Execute_WhileAllIsWell_CallsOnceAMinute()
    {
        await StartAsync(new DeadmanUrl(_switch.Url, null));
        await FirstCallAsync();
        Assert.Equal("GET /ping/hush", _switch.Calls.First());

        for (var i = 0; i < 59; i++)
            Pass(TimeSpan.FromSeconds(1));
        Assert.Single(_switch.Calls);
        await CalledAsync(2);

        Assert.InRange(_switch.Calls.Count, 2, 1 + (_time.GetUtcNow() - _time.Start).TotalMinutes);
        Assert.Equal(0, await CountAsync("failed"));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Execute_WhileTheStoreIsAway_IsSilentAndSaysSoOnceItWasMissed()
    {
        await StartAsync(new DeadmanUrl(_switch.Url, null));
        await FirstCallAsync();
        _pipeline.StoreAnswered(false);

        await PassUntilAsync(() => _metrics.Problem is not null);
        Assert.True(_time.GetUtcNow() - _time.Start >= TimeSpan.FromMinutes(2));
        for (var i = 0; i < 300; i++)
            Pass(TimeSpan.FromSeconds(1));
        Assert.Single(_switch.Calls);
        Assert.Equal(["Warning: The dead man's switch is not called any more until all is well: The store is away."], _log.Lines);

        _pipeline.StoreAnswered(true);
        await PassUntilAsync(() => _switch.Calls.Count == 2 && _metrics.Problem is null);
        Assert.Equal("Information: The dead man's switch is called again", _log.Lines[^1]);
    }

    [Fact]
    public async Task Execute_SwitchThatFails_IsCountedAndToldOnceAChangeWithoutTheUrl()
    {
        _switch.Status = 503;
        await StartAsync(new DeadmanUrl(_switch.Url, null));
        await FirstCallAsync();
        await CalledAsync(3);
        Assert.Equal(["Warning: The dead man's switch could not be called: 127.0.0.1 answered 503."], _log.Lines);
        Assert.Equal(0, await CountAsync("ok"));

        _switch.Status = 204;
        await CalledAsync(2, "ok");
        Assert.Equal("Information: The dead man's switch is called again", _log.Lines[1]);
        Assert.Equal(2, _log.Lines.Count);
        Assert.Null(_metrics.Problem);
    }

    [Fact]
    public async Task Execute_NobodyListens_SaysTheHostAlone()
    {
        var url = _switch.Url;
        await _switch.DisposeAsync();
        await StartAsync(new DeadmanUrl(url, null));

        await Eventually.True(() => _log.Lines.Count == 1, "told", Cancelled);
        Assert.Equal("Warning: The dead man's switch could not be called: 127.0.0.1 cannot be reached: ConnectionError.", _log.Lines[0]);
    }

    [Fact]
    public async Task Execute_ProxyThatTheClientDoesNotKnow_CountsAsFailedAndGoesOn()
    {
        await using var odd = new ServiceCollection().AddHttpClient(HttpPost.Client)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { Proxy = new WebProxy("ftp://127.0.0.1:9") }).Services.BuildServiceProvider();
        await StartAsync(new DeadmanUrl("http://deadman.example.org/ping/hush", null), odd.GetRequiredService<IHttpClientFactory>());

        await CalledAsync(2, "failed");
        Assert.Equal("Warning: The dead man's switch could not be called: deadman.example.org cannot be called: NotSupportedException.", Assert.Single(_log.Lines));
    }

    [Fact]
    public async Task Execute_FileThatChanges_IsReadAnew()
    {
        var file = _folder.File("url");
        await File.WriteAllTextAsync(file, $"{_switch.Url}-1\n", Cancelled);
        await StartAsync(new DeadmanUrl(null, file));
        await FirstCallAsync();

        await File.WriteAllTextAsync(file, $"{_switch.Url}-2\n", Cancelled);
        await CalledAsync(2);
        File.Delete(file);
        await PassUntilAsync(() => _metrics.Problem is not null);
        Assert.Equal(["GET /ping/hush-1", "GET /ping/hush-2"], _switch.Calls.Distinct());
        Assert.StartsWith($"Warning: The dead man's switch could not be called: --deadman-url-file {file} cannot be read", Assert.Single(_log.Lines), StringComparison.Ordinal);
    }

    private async Task StartAsync(DeadmanUrl url, IHttpClientFactory? clients = null)
    {
        var intake = new IntakeProgress();
        intake.Synced();
        _metrics = new DeadmanMetrics(_registry);
        _stage = new DeadmanStage(
            url, new PipelineWatch(intake, _pipeline, _sweep, new Fleet(), new WorkerRoster(_time, NullLogger<WorkerRoster>.Instance)),
            clients ?? _services.GetRequiredService<IHttpClientFactory>(), _metrics, _time, LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<DeadmanStage>());
        await _stage.StartAsync(Cancelled);
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _sweep.RunWhenDue(_ => { });
    }

    private Task PassUntilAsync(Func<bool> condition) => Eventually.True(
        () =>
        {
            if (condition())
                return true;
            Pass(TimeSpan.FromSeconds(1));
            return false;
        },
        "as time goes on",
        Cancelled);

    // At once: no time goes by.
    private Task FirstCallAsync() => Eventually.TrueAsync(async () => await CountAsync("ok") + await CountAsync("failed") == 1, "a first call", Cancelled);

    // Calls whose answers are in; lets time go on until there are so many.
    private async Task CalledAsync(int calls, params string[] results)
    {
        await Eventually.TrueAsync(
            async () =>
            {
                var made = 0;
                foreach (var result in results.Length == 0 ? ["ok", "failed"] : results)
                    made += await CountAsync(result);
                if (made < calls)
                    Pass(TimeSpan.FromSeconds(1));
                return made >= calls;
            },
            $"{calls} calls",
            Cancelled);
    }

    private async Task<int> CountAsync(string result)
    {
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, ExpositionFormat.PrometheusText, Cancelled);
        var start = $"healthtrack_deadman_calls_total{{result=\"{result}\"}} ";
        return int.Parse(Encoding.UTF8.GetString(text.ToArray()).Split('\n').Single(l => l.StartsWith(start, StringComparison.Ordinal))[start.Length..], CultureInfo.InvariantCulture);
    }
}
