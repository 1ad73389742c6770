using System.Security.Cryptography.X509Certificates;
using HealthTrack.Probe.Checkers.Net;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

public sealed class TrustStoreTests
{
    [Fact]
    public void Verify_GoodChain_RememberedOnlyWhileItIsValid()
    {
        using var authority = new Authority();
        using var leaf = authority.Issue(toDays: 30);
        var store = new TlsMaterial(null).Roots(authority.Pem);
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(X509ChainStatusFlags.NoError, store.Verify(leaf, [], now));
        Assert.Equal(X509ChainStatusFlags.NoError, store.Verify(leaf, [], now));
        Assert.Equal(X509ChainStatusFlags.NotTimeValid, store.Verify(leaf, [], now.AddDays(31)));
        Assert.Equal(X509ChainStatusFlags.NotTimeValid, store.Verify(leaf, [], now.AddDays(-2)));
    }

    [Fact]
    public void Verify_OtherLeafOrStore_IsNotWhatIsRemembered()
    {
        using var authority = new Authority();
        using var impostor = new Authority();
        using var good = authority.Issue();
        using var bad = impostor.Issue();
        var material = new TlsMaterial(null);
        var now = TimeProvider.System.GetUtcNow();
        var store = material.Roots(authority.Pem);
        Assert.Equal(X509ChainStatusFlags.NoError, store.Verify(good, [], now));
        Assert.NotEqual(X509ChainStatusFlags.NoError, store.Verify(bad, [], now));
        Assert.NotEqual(X509ChainStatusFlags.NoError, material.Roots(impostor.Pem).Verify(good, [], now));
        Assert.Same(store, material.Roots(authority.Pem));
    }

    [Fact]
    public void Verify_CertificateForClients_NotGoodForAServer()
    {
        using var authority = new Authority();
        using var client = authority.Issue(client: true);
        Assert.True(new TlsMaterial(null).Roots(authority.Pem).Verify(client, [], TimeProvider.System.GetUtcNow()).HasFlag(X509ChainStatusFlags.NotValidForUsage));
    }
}
