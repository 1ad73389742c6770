using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Alerts.Channels;

namespace HealthTrack.Engine.Tests.Alerts;

/// <summary>Messages word for word: people read them at three in the morning.</summary>
public sealed class NotificationTextTests
{
    [Theory]
    [InlineData(AnnouncementKind.Firing, AlertSignal.Down, "ChecksFailing", "Shop is down")]
    [InlineData(AnnouncementKind.Escalated, AlertSignal.Certificate, "CertificateExpiring", "Shop has a certificate that ends soon")]
    [InlineData(AnnouncementKind.Reminder, AlertSignal.Latency, "LatencyHigh", "Shop is still slow")]
    [InlineData(AnnouncementKind.Reminder, AlertSignal.Apdex, "ApdexLow", "Shop still leaves its users waiting")]
    [InlineData(AnnouncementKind.Resolved, AlertSignal.Down, "ErrorRateHigh", "Shop is up again")]
    [InlineData(AnnouncementKind.Resolved, AlertSignal.NoData, "ChecksPassing", "Shop is being checked again")]
    [InlineData(AnnouncementKind.Resolved, AlertSignal.Down, "Suspended", "Shop: no alert any more (down)")]
    [InlineData(AnnouncementKind.Resolved, AlertSignal.Down, "Deleted", "Shop: no alert any more (down)")]
    [InlineData(AnnouncementKind.Resolved, AlertSignal.ErrorRate, "SignalOff", "Shop: no alert any more (errorRate)")]
    [InlineData(AnnouncementKind.Test, AlertSignal.Down, "Test", "Shop works")]
    public void Title_EachKind_SaysWhatIsTheMatter(AnnouncementKind kind, AlertSignal signal, string reason, string expected) =>
        Assert.Equal(expected, NotificationText.Title(Notification() with { Kind = kind, Signal = signal, Reason = reason }));

    [Theory]
    [InlineData(3_997, "3 s")]
    [InlineData(60_000, "1 min")]
    [InlineData(11_100_000, "3 h 5 min")]
    [InlineData(180_000_000, "2 d 2 h")]
    [InlineData(-5, "0 s")]
    public void Duration_FromBeginningToNow_IsInTheLargestUnits(long ms, string expected) =>
        Assert.Equal(expected, NotificationText.Duration(Notification() with { DecidedAt = 1000 + ms }));

    [Fact]
    public void Link_OfATest_IsTheDashboard()
    {
        var text = new NotificationText(new EngineOptions { Storage = "sqlite:x.db", PublicUrl = new Uri("https://health.example/") });
        Assert.Equal("https://health.example/services/7", text.Link(Notification()));
        Assert.Equal("https://health.example/", text.Link(Notification() with { Kind = AnnouncementKind.Test }));
    }

    private static Notification Notification() => new()
    {
        AlertId = "7-down-1000",
        Number = 1,
        Channel = new("ops", "slack"),
        Kind = AnnouncementKind.Firing,
        Subject = new(7, new MonitorKey("shop", "cart")),
        DisplayName = "Shop",
        Target = "http://127.0.0.1/",
        Health = "Unhealthy",
        Signal = AlertSignal.Down,
        Severity = AlertSeverity.Critical,
        Reason = "ChecksFailing",
        Message = "connection refused",
        StartedAt = 1000,
        DecidedAt = 1000,
    };
}
