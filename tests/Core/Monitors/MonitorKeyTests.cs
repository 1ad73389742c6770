using CsCheck;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Monitors;

public sealed class MonitorKeyTests
{
    private static readonly Gen<MonitorKey> Keys = Gen.Select(Gen.String["ab-Z"], Gen.String["ab-Z"], (space, name) => new MonitorKey(space, name));

    [Fact]
    public void CompareTo_TwoKeys_OrdersByNamespaceThenName() =>
        Gen.Select(Keys, Keys).Sample(
            (a, b) =>
            {
                var sorted = new[] { a, b }.OrderBy(k => k.Namespace, StringComparer.Ordinal).ThenBy(k => k.Name, StringComparer.Ordinal).First();
                Assert.Equal(sorted == a, a <= b);
                Assert.Equal(sorted == b && a != b, a > b);
                Assert.Equal(a < b, b > a);
                Assert.Equal(a == b, a >= b && a <= b);
            },
            iter: 5_000);

    [Fact]
    public void ToString_OfAKey_IsNamespaceSlashName() => Assert.Equal("prod/api", new MonitorKey("prod", "api").ToString());
}
