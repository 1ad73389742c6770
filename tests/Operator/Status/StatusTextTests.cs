using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Status;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Operator.Tests.Status;

public sealed class StatusTextTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData(0d, "0.00")]
    [InlineData(0.001, "0.01")]
    [InlineData(0.126, "0.13")]
    [InlineData(99.994, "99.99")]
    [InlineData(99.999, "99.99")]
    [InlineData(100d, "100.00")]
    public void Percent_NearlyPerfect_IsNotPerfect(double? value, string? text) => Assert.Equal(text, StatusText.Percent(value));

    [Theory]
    [InlineData(null, null)]
    [InlineData(0d, "0.00")]
    [InlineData(0.946, "0.95")]
    [InlineData(0.999, "0.99")]
    [InlineData(1d, "1.00")]
    public void Score_NearlyPerfect_IsNotPerfect(double? value, string? text) => Assert.Equal(text, StatusText.Score(value));

    [Theory]
    [InlineData(null, null)]
    [InlineData(0.4, 0L)]
    [InlineData(1.5, 2L)]
    [InlineData(2200.2, 2200L)]
    public void Millis_Value_IsWhole(double? value, long? whole) => Assert.Equal(whole, StatusText.Millis(value));

    [Theory]
    [InlineData("short", "short")]
    [InlineData("just as long", "just as long")]
    [InlineData("longer than it", "longer than…")]
    [InlineData("longer tha😀 it is", "longer tha…")]
    public void Fit_TooLong_IsCutBetweenCharacters(string text, string fits) => Assert.Equal(fits, StatusText.Fit(text, 12));

    [Fact]
    public void Reserve_BurstSpent_GivesPlacesInALine()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(5, 2, time);

        Assert.Equal([0, 0, 200, 400], Enumerable.Range(0, 4).Select(_ => bucket.Reserve().TotalMilliseconds));
        time.Advance(TimeSpan.FromMilliseconds(400));
        Assert.Equal(200, bucket.Reserve().TotalMilliseconds);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([0, 0, 200], Enumerable.Range(0, 3).Select(_ => bucket.Reserve().TotalMilliseconds));
    }

    [Fact]
    public void Between_Turns_AreEventsAndNumbersAreNot()
    {
        var unknown = Status("Unknown", "AwaitingFirstCheck");
        var healthy = Status("Healthy", "ChecksPassing");
        var unhealthy = Status("Unhealthy", "ChecksFailing");
        var stalled = Status("Unknown", "InvalidSpec") with
        {
            Conditions = [new() { Type = "Stalled", Status = "True", Reason = "InvalidSpec", Message = "spec.timeout: is too long", LastTransitionTime = default }],
        };

        Assert.Empty(HealthEvents.Between(null, unknown));
        Assert.Empty(HealthEvents.Between(healthy, healthy with { Message = "Another number." }));
        Assert.Equal([("ChecksPassing", EventType.Normal)], Told(unknown, healthy));
        Assert.Equal([("ChecksFailing", EventType.Warning)], Told(healthy, unhealthy));
        Assert.Equal([("InvalidSpec", EventType.Warning)], Told(null, stalled));
        Assert.Empty(HealthEvents.Between(stalled, stalled));
    }

    private static IEnumerable<(string, EventType)> Told(ServiceMonitorStatus? before, ServiceMonitorStatus now) =>
        HealthEvents.Between(before, now).Select(e => (e.Reason, e.Type));

    private static ServiceMonitorStatus Status(string health, string reason) => new() { Health = health, Reason = reason, Message = "So it is." };
}
