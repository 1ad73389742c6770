using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Alerts.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Alerts;

public sealed class ChannelWatchTests : IDisposable
{
    private static readonly ChannelKey Hook = new("ops", "hook");

    private readonly FakeTimeProvider _time = new();
    private readonly Channels _channels = new Channels().With("hook", "webhook", "http://127.0.0.1:9/hush");
    private readonly KeptLog _log = new();
    private readonly Vault _vault;
    private readonly ChannelWatch _watch;

    public ChannelWatchTests()
    {
        _vault = new Vault(_channels);
        var post = new HttpPost(null!, _time);
        _watch = new ChannelWatch(
            _channels, _vault, [new WebhookSender(post, null!)], _time, LoggerFactory.Create(logging => logging.AddProvider(_log)).CreateLogger<ChannelWatch>());
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private ChannelProblem? Problem => _watch.ProblemOf(_channels.Find(Hook)!);

    public void Dispose() => _watch.Dispose();

    [Fact]
    public async Task Execute_SecretThatComesAndGoes_IsSeenWithinAMinuteAndToldOnce()
    {
        _channels.SetSecret("hook", null);
        await _watch.StartAsync(Cancelled);
        await Eventually.True(() => Problem?.Reason == "SecretNotFound", "it is missed", Cancelled);
        Assert.Equal(["Warning: ops/hook cannot be told of alerts: The secret ops/hook has no key url, or may not be read."], _log.Lines);

        _channels.SetSecret("hook", "http://127.0.0.1:9/hush");
        await PassUntilAsync(() => Problem is null);
        Assert.Equal("Information: ops/hook can be told of alerts", _log.Lines[^1]);

        _channels.SetSecret("hook", "hush");
        await PassUntilAsync(() => Problem?.Reason == "InvalidAddress");
        Assert.Equal(3, _log.Lines.Count);
        Assert.DoesNotContain(_log.Lines, l => l.Contains("hush", StringComparison.Ordinal));
        await _watch.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Look_WithinAMinute_AsksOnceUnlessTheChannelChanged()
    {
        await LookAsync();
        await LookAsync();
        Assert.Equal(1, _vault.Asked);
        _channels.With("hook", "webhook", "http://127.0.0.1:9/hush", min: AlertSeverity.Critical);
        await LookAsync();
        Assert.Equal(2, _vault.Asked);
        _time.Advance(TimeSpan.FromMinutes(1));
        await LookAsync();
        Assert.Equal(3, _vault.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Look_SecretsCannotBeRead_KeepsWhatWasKnownAndGoesOn(bool away)
    {
        _channels.SetSecret("hook", null);
        Assert.Equal("SecretNotFound", (await LookAsync()).Problem?.Reason);
        _vault.Broken = away ? new SecretUnavailableException("away") : new InvalidOperationException("a defect");
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("SecretNotFound", (await LookAsync()).Problem?.Reason);
        Assert.Equal(away ? 1 : 2, _log.Lines.Count);
    }

    [Fact]
    public async Task Look_SecretsCannotBeRead_IsTriedAgainSoon()
    {
        _channels.SetSecret("hook", null);
        await LookAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        _vault.Broken = new SecretUnavailableException("away");
        await LookAsync();
        _vault.Broken = null;
        _channels.SetSecret("hook", "http://127.0.0.1:9/hush");
        Assert.Equal("SecretNotFound", (await LookAsync()).Problem?.Reason);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new ChannelLook(true, null), await LookAsync());
        Assert.Equal("Information: ops/hook can be told of alerts", _log.Lines[^1]);
    }

    [Fact]
    public async Task Look_SecretsCannotBeRead_NothingIsKnownOfANewChannelOrOfOneThatChanged()
    {
        _vault.Broken = new SecretUnavailableException("away");
        Assert.Equal(new ChannelLook(false, null), await LookAsync());

        _vault.Broken = null;
        _channels.SetSecret("hook", null);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("SecretNotFound", (await LookAsync()).Problem?.Reason);
        _channels.With("hook", "webhook", "http://127.0.0.1:9/hush", min: AlertSeverity.Critical);
        _vault.Broken = new SecretUnavailableException("away");
        Assert.Equal(new ChannelLook(false, null), await LookAsync());
        Assert.Equal(new ChannelLook(false, null), await LookAsync());
        Assert.Equal(3, _vault.Asked);

        _vault.Broken = null;
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new ChannelLook(true, null), await LookAsync());
        Assert.Equal("Information: ops/hook can be told of alerts", _log.Lines[^1]);
    }

    [Fact]
    public async Task Look_WhileAnotherIsUnderWay_WaitsForWhatThatFinds()
    {
        _vault.Open = new TaskCompletionSource();
        var looks = new[] { LookAsync(), LookAsync(), LookAsync() };
        Assert.DoesNotContain(looks, look => look.IsCompleted);
        _vault.Open.SetResult();
        Assert.All(await Task.WhenAll(looks), look => Assert.Equal(new ChannelLook(true, null), look));
        Assert.Equal(1, _vault.Asked);
    }

    private Task<ChannelLook> LookAsync() => _watch.LookAsync(_channels.Find(Hook)!, Cancelled);

    private Task PassUntilAsync(Func<bool> condition) => Eventually.True(
        () =>
        {
            if (condition())
                return true;
            _time.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        "as time goes on",
        Cancelled);

    private sealed class Vault(ISecretSource secrets) : ISecretSource
    {
        public int Asked { get; private set; }

        public Exception? Broken { get; set; }

        /// <summary>What an answer waits for; null: nothing.</summary>
        public TaskCompletionSource? Open { get; set; }

        public async ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken)
        {
            Asked++;
            if (Open is { } open)
                await open.Task;
            return Broken is null ? await secrets.GetAsync(ns, secret, cancellationToken) : throw Broken;
        }
    }
}
