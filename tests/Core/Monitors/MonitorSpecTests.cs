using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Monitors;

public sealed class MonitorSpecTests
{
    [Theory]
    [InlineData(1, 3600, 0.8)]
    [InlineData(10, 3600, 8)]
    [InlineData(12.5, 3600, 10)]
    [InlineData(60, 3600, 10)]
    [InlineData(180, 3600, 10)]
    [InlineData(181, 3620, 10)]
    [InlineData(86_400, 1_728_000, 10)]
    public void Defaults_OfAnInterval_AreTheDesigns(double interval, double window, double timeout)
    {
        Assert.Equal(TimeSpan.FromSeconds(window), MonitorSpec.DefaultWindow(TimeSpan.FromSeconds(interval)));
        Assert.Equal(TimeSpan.FromSeconds(timeout), MonitorSpec.DefaultTimeout(TimeSpan.FromSeconds(interval)));
    }
}
