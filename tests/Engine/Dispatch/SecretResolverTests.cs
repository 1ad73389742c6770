using HealthTrack.Contracts.Link;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Engine.Tests.Dispatch;

public sealed class SecretResolverTests : IDisposable
{
    private static readonly SecretRef Secret = new("login", "password");

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60));
    private readonly ScriptedSecrets _secrets = new();
    private readonly SecretResolver _resolver;
    private readonly Monitor _monitor = States.Monitor("api", secrets: Secret);
    private int _late;

    public SecretResolverTests()
    {
        _resolver = new SecretResolver(_secrets, _time);
        _secrets.Values[("default", Secret)] = "open sesame";
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _resolver.Dispose();

    [Fact]
    public async Task Refresh_KnownButNoLongerFreshAndNothingIsAnswered_WaitsForNothing()
    {
        await RefreshAsync(_monitor);
        _time.Advance(TimeSpan.FromSeconds(60));
        _secrets.Values[("default", Secret)] = "new";
        _secrets.Frozen = new TaskCompletionSource();

        // The clock stands still: a wait would never end.
        Assert.Null(await RefreshAsync(_monitor));
        Assert.Equal("open sesame", _resolver.Known(_monitor)!.Value.Values[Secret]);

        _secrets.Frozen.SetResult();
        await Eventually.True(() => _late == 1, "it is told that there is news", Cancel);
        Assert.Equal("new", _resolver.Known(_monitor)!.Value.Values[Secret]);
    }

    [Fact]
    public async Task Refresh_NothingIsAnsweredForLong_IsKnownNoMoreAndWaitedFor()
    {
        await RefreshAsync(_monitor);
        _time.Advance(TimeSpan.FromSeconds(101));
        _secrets.Frozen = new TaskCompletionSource();

        var refresh = RefreshAsync(_monitor);

        Assert.False(refresh.IsCompleted);
        _time.Advance(SecretResolver.LongestWait);
        await refresh;
        Assert.Null(_resolver.Known(_monitor));
        _secrets.Frozen.SetResult();
    }

    [Fact]
    public async Task Refresh_CannotBeRead_IsKnownAsBeforeAndTriedAgainAfterAWhile()
    {
        await RefreshAsync(_monitor);
        _time.Advance(TimeSpan.FromSeconds(60));
        _secrets.Broken = true;

        Assert.IsType<SecretUnavailableException>(await RefreshAsync(_monitor));
        Assert.IsType<SecretUnavailableException>(await RefreshAsync(_monitor));
        Assert.Equal((2, false), (_secrets.Asked, _resolver.AgainIsDue));
        Assert.Equal("open sesame", _resolver.Known(_monitor)!.Value.Values[Secret]);

        _time.Advance(SecretResolver.AgainAfter + TimeSpan.FromSeconds(1));
        Assert.True(_resolver.AgainIsDue);
        _secrets.Broken = false;
        Assert.Null(await RefreshAsync(_monitor));
        Assert.Equal((3, false), (_secrets.Asked, _resolver.AgainIsDue));
    }

    [Fact]
    public async Task Refresh_CannotBeReadAndNobodyNeedsIt_IsNotTriedAgain()
    {
        _secrets.Broken = true;
        await RefreshAsync(_monitor);
        await RefreshAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_resolver.AgainIsDue);
    }

    [Fact]
    public async Task Refresh_NoMonitorNeedsIt_IsForgotten()
    {
        await RefreshAsync(_monitor);
        Assert.Equal(1, _resolver.Count);
        await RefreshAsync(States.Monitor("plain"));
        Assert.Equal(0, _resolver.Count);
    }

    [Fact]
    public async Task Forget_ATargetRefusedIt_IsReadAnewAndKnownMeanwhile()
    {
        await RefreshAsync(_monitor);
        Assert.False(_resolver.Forget(_monitor));
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(_resolver.Forget(_monitor));
        Assert.False(_resolver.Forget(_monitor));
        Assert.NotNull(_resolver.Known(_monitor));

        _secrets.Values[("default", Secret)] = "new";
        await RefreshAsync(_monitor);

        Assert.Equal("new", _resolver.Known(_monitor)!.Value.Values[Secret]);
    }

    [Fact]
    public async Task Known_TooLarge_IsAProblemThatNamesItAndTheLimit()
    {
        _secrets.Values[("default", Secret)] = new string('x', LinkLimits.SecretBytes);
        await RefreshAsync(_monitor);
        Assert.Null(_resolver.Known(_monitor)!.Value.Problem);

        // Two bytes each.
        _secrets.Values[("default", Secret)] = new string('é', LinkLimits.SecretBytes / 2) + "x";
        _time.Advance(TimeSpan.FromSeconds(60));
        await RefreshAsync(_monitor);

        var known = _resolver.Known(_monitor)!.Value;
        Assert.Equal("SecretTooLarge", known.Problem!.Reason);
        Assert.Equal("No check is made: key password of secret default/login holds 65537 bytes, and at most 65536 are allowed (certificates apart).", known.Problem.Message);
        Assert.Empty(known.Values);
    }

    [Fact]
    public async Task Known_Certificates_MayBeLargerButNotTogether()
    {
        var (ca, certificate) = (new SecretRef("ca", "ca.crt"), new SecretRef("client", "tls.crt"));
        var monitor = _monitor with
        {
            Spec = _monitor.Spec with
            {
                Check = new HttpCheck
                {
                    Url = new Uri("https://x.example/"),
                    Tls = TlsOptions.Default with { CaSecret = ca, ClientCertificate = new(certificate, certificate) },
                },
            },
        };
        _secrets.Values[("default", ca)] = new string('x', 600_000);
        _secrets.Values[("default", certificate)] = new string('x', 400_000);
        await RefreshAsync(monitor);
        Assert.Null(_resolver.Known(monitor)!.Value.Problem);

        _secrets.Values[("default", certificate)] = new string('x', 500_000);
        _time.Advance(TimeSpan.FromSeconds(60));
        await RefreshAsync(monitor);

        Assert.Equal(
            "No check is made: its secrets hold 1100000 bytes together, and at most 1048576 are allowed: the largest is key ca.crt of secret default/ca.",
            _resolver.Known(monitor)!.Value.Problem!.Message);
    }

    private Task<Exception?> RefreshAsync(params Monitor[] monitors) => _resolver.RefreshAsync(monitors, () => Interlocked.Increment(ref _late), Cancel);
}
