using HealthTrack.Engine.Alerts;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Engine.Tests.Alerts;

public sealed class RedisDeliveryClaimsTests : IAsyncLifetime
{
    private readonly List<RedisDeliveryClaims> _claims = [];
    private RedisServer _redis = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync(Token);

    public async ValueTask DisposeAsync()
    {
        foreach (var claims in _claims)
            await claims.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task TakeAsync_HeldSentAndGivenBack_SaysSo()
    {
        var (one, two) = (Claims(), Claims());
        Assert.Equal(ClaimAnswer.Taken, await one.TakeAsync("n", Token));
        Assert.Equal(ClaimAnswer.Taken, await one.TakeAsync("n", Token));
        Assert.Equal(ClaimAnswer.Held, await two.TakeAsync("n", Token));

        await two.ReleaseAsync("n", Token); // Not its own.
        Assert.Equal(ClaimAnswer.Held, await two.TakeAsync("n", Token));
        await one.ReleaseAsync("n", Token);
        Assert.Equal(ClaimAnswer.Taken, await two.TakeAsync("n", Token));
        await two.ConfirmAsync("n", Token);
        Assert.Equal(ClaimAnswer.Done, await one.TakeAsync("n", Token));
        Assert.Equal(ClaimAnswer.Taken, await one.TakeAsync("another", Token));
    }

    [Fact]
    public async Task TakeAsync_OfManyAtOnce_OneHasIt()
    {
        var claims = Enumerable.Range(0, 5).Select(_ => Claims()).ToList();
        var answers = await Task.WhenAll(claims.Select(c => c.TakeAsync("n", Token).AsTask()));
        Assert.Single(answers, ClaimAnswer.Taken);
    }

    [Fact]
    public async Task TakeAsync_RedisAway_LetsEveryoneSendAndRecovers()
    {
        var claims = Claims();
        await claims.ConfirmAsync("n", Token);
        await _redis.StopAsync();
        Assert.Equal(ClaimAnswer.Taken, await claims.TakeAsync("n", Token));
        await claims.ConfirmAsync("n", Token);
        await claims.ReleaseAsync("n", Token);

        await _redis.StartAsync(Token);
        await Eventually.TrueAsync(
            async () =>
            {
                await claims.ConfirmAsync("later", Token);
                return await claims.TakeAsync("later", Token) == ClaimAnswer.Done;
            },
            "it remembers again", Token);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",ssl=true")]
    [InlineData("localhost:6379,nonsense=1")]
    public void Settings_ThatNameNothing_SayWhatWouldBeRight(string text) =>
        Assert.Contains("HOST:PORT", Assert.Throws<FormatException>(() => RedisDeliveryClaims.Settings(text)).Message, StringComparison.Ordinal);

    private RedisDeliveryClaims Claims()
    {
        var claims = new RedisDeliveryClaims(_redis.Address, new AlertMetrics(Prometheus.Metrics.NewCustomRegistry()), NullLogger<RedisDeliveryClaims>.Instance);
        _claims.Add(claims);
        return claims;
    }
}
