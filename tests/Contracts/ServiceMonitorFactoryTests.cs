using CsCheck;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.Tests;

public class ServiceMonitorFactoryTests
{
    [Fact]
    public void FromSimple_AllFields_GivesAValidMonitor()
    {
        var manifest = ServiceMonitorFactory.FromSimple("GitHub API (v3)", "https://api.github.example", 30, 2.5, "tools");

        var monitor = Assert.Single(ManifestReader.Read(manifest, "POST /services")).Monitor!.ToMonitor("u", 1);

        Assert.Equal((new MonitorKey("tools", "github-api-v3"), "GitHub API (v3)"), (monitor.Key, monitor.DisplayName));
        Assert.Equal((30, 2.5), (monitor.Spec.Interval.TotalSeconds, monitor.Spec.Timeout.TotalSeconds));
    }

    [Theory]
    [InlineData("", "http://x.example", 30d, 5d, "name")]
    [InlineData("a", "x.example", 30d, 5d, "url")]
    [InlineData("a", "http://x.example", 0d, null, "interval_seconds")]
    [InlineData("a", "http://x.example", -1d, null, "interval_seconds")]
    [InlineData("a", "http://x.example", 1e300, null, "interval_seconds")]
    [InlineData("a", "http://x.example", double.NaN, null, "interval_seconds")]
    [InlineData("a", "http://x.example", 10d, 10d, "timeout_seconds")]
    public void FromSimple_WrongField_IsRefusedUnderItsSimpleName(string name, string url, double interval, double? timeout, string field)
    {
        var errors = ManifestReader.Read(ServiceMonitorFactory.FromSimple(name, url, interval, timeout), "f")[0].Errors;

        Assert.Equal([field], errors.Select(e => ServiceMonitorFactory.SimpleField(e.Path)));
    }

    [Fact]
    public void FromSimple_WrongNamespace_IsRefusedUnderItsSimpleName() => Assert.Equal(
        ["namespace"],
        ManifestReader.Read(ServiceMonitorFactory.FromSimple("a", "http://x.example", @namespace: "A/B"), "f")[0].Errors.Select(e => ServiceMonitorFactory.SimpleField(e.Path)));

    [Theory]
    [InlineData("Orders API", "orders-api")]
    [InlineData("  --Shop__2!--  ", "shop-2")]
    [InlineData("caf\u00e9 bar", "caf-bar")]
    [InlineData("UPPER", "upper")]
    public void Of_Name_IsLowerCaseWithDashes(string name, string slug) => Assert.Equal(slug, Slug.Of(name));

    [Fact]
    public void Of_NameWithoutLetters_IsStableAndItsOwn()
    {
        Assert.Equal(Slug.Of("\u65e5\u672c"), Slug.Of("\u65e5\u672c"));
        Assert.NotEqual(Slug.Of("\u65e5\u672c"), Slug.Of("\u4e2d\u56fd"));
    }

    [Fact]
    public void Of_AnyName_IsAValidResourceName() => Gen.String.Sample(name =>
    {
        var slug = Slug.Of(name);
        return slug.Length is > 0 and <= 63 && slug.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') && slug[0] != '-' && slug[^1] != '-';
    });
}
