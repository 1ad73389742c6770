using CsCheck;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Alerts;

public sealed class AlertMachineTests
{
    private static readonly AlertSubject Service = new(7, new MonitorKey("shop", "cart"));
    private static readonly AlertRules Rules = new(TimeSpan.FromHours(4), TimeSpan.Zero);
    private static readonly AlertRules Wavering = new(TimeSpan.FromHours(4), TimeSpan.FromMinutes(1));

    [Fact]
    public void Step_Wrong_FiresAtOnceAndOnlyOnce()
    {
        var first = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 1000, Rules);
        var second = AlertMachine.Step(first.Alert, Service, Reading(SignalState.Wrong), 2000, Rules);
        Assert.Equal((AnnouncementKind.Firing, (AnnouncementKind?)null), (first.Announcement, second.Announcement));
        Assert.Equal(("7-down-1000", AlertState.Firing, 1), (first.Alert!.Id, second.Alert!.State, second.Alert.Announcements));
    }

    [Fact]
    public void Step_WellAgain_Resolves()
    {
        var firing = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 1000, Rules).Alert;
        var step = AlertMachine.Step(firing, Service, Reading(SignalState.Well), 5000, Rules);
        Assert.Equal((AnnouncementKind.Resolved, AlertState.Resolved, 5000), (step.Announcement, step.Alert!.State, step.Alert.EndedAt));
    }

    [Fact]
    public void Step_Unknown_LeavesItAsItIs()
    {
        var firing = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 1000, Rules).Alert;
        Assert.Equal(new AlertStep(firing, null), AlertMachine.Step(firing, Service, Reading(SignalState.Unknown), 9000, Rules));
        Assert.Equal(default, AlertMachine.Step(null, Service, Reading(SignalState.Unknown), 9000, Rules));
    }

    [Fact]
    public void Step_WellForLessThanItMust_GoesOn()
    {
        var firing = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 0, Wavering).Alert;
        var well = AlertMachine.Step(firing, Service, Reading(SignalState.Well), 10_000, Wavering);
        var wrong = AlertMachine.Step(well.Alert, Service, Reading(SignalState.Wrong), 60_000, Wavering);
        var wellAgain = AlertMachine.Step(wrong.Alert, Service, Reading(SignalState.Well), 70_000, Wavering);
        var early = AlertMachine.Step(wellAgain.Alert, Service, Reading(SignalState.Well), 129_999, Wavering);
        Assert.All([well, wrong, wellAgain, early], step => Assert.Null(step.Announcement));
        Assert.Equal(AnnouncementKind.Resolved, AlertMachine.Step(early.Alert, Service, Reading(SignalState.Well), 130_000, Wavering).Announcement);
    }

    [Fact]
    public void Step_GoesOn_RemindsAtTheInterval()
    {
        var firing = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 0, Rules).Alert;
        var four = (long)Rules.RepeatInterval.TotalMilliseconds;
        Assert.Null(AlertMachine.Step(firing, Service, Reading(SignalState.Wrong), four - 1, Rules).Announcement);
        var reminded = AlertMachine.Step(firing, Service, Reading(SignalState.Wrong), four, Rules);
        Assert.Equal((AnnouncementKind.Reminder, 2), (reminded.Announcement, reminded.Alert!.Announcements));
        Assert.Null(AlertMachine.Step(reminded.Alert, Service, Reading(SignalState.Wrong), four + 1, Rules).Announcement);
    }

    [Fact]
    public void Step_Acknowledged_IsNotRepeatedUntilItGetsWorse()
    {
        var firing = AlertMachine.Step(null, Service, Reading(SignalState.Wrong, AlertSeverity.Warning), 0, Rules).Alert!;
        var acknowledged = AlertMachine.Acknowledge(firing, "ada", 10);
        Assert.Null(AlertMachine.Step(acknowledged, Service, Reading(SignalState.Wrong, AlertSeverity.Warning), 100_000_000, Rules).Announcement);
        var worse = AlertMachine.Step(acknowledged, Service, Reading(SignalState.Wrong, AlertSeverity.Critical), 20, Rules);
        Assert.Equal((AnnouncementKind.Escalated, AlertState.Firing, null), (worse.Announcement, worse.Alert!.State, worse.Alert.AcknowledgedBy));
    }

    [Fact]
    public void Step_LessUrgent_KeepsTheWorst()
    {
        var firing = AlertMachine.Step(null, Service, Reading(SignalState.Wrong, AlertSeverity.Critical), 0, Rules).Alert;
        var step = AlertMachine.Step(firing, Service, Reading(SignalState.Wrong, AlertSeverity.Warning), 10, Rules);
        Assert.Equal((AlertSeverity.Critical, (AnnouncementKind?)null), (step.Alert!.Severity, step.Announcement));
    }

    [Fact]
    public void Step_Held_WaitsAndThenFires()
    {
        var held = Rules with { HoldUntil = 30_000 };
        var pending = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 0, held);
        Assert.Equal((AlertState.Pending, (AnnouncementKind?)null), (pending.Alert!.State, pending.Announcement));
        Assert.Null(AlertMachine.Step(pending.Alert, Service, Reading(SignalState.Wrong), 29_999, held).Announcement);
        Assert.Equal(AnnouncementKind.Firing, AlertMachine.Step(pending.Alert, Service, Reading(SignalState.Wrong), 30_000, held).Announcement);
        Assert.Equal(AnnouncementKind.Firing, AlertMachine.Step(pending.Alert, Service, Reading(SignalState.Wrong), 1, Rules).Announcement);
    }

    [Fact]
    public void Step_OverBeforeAnybodyWasTold_TellsNobody()
    {
        var pending = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 0, Rules with { HoldUntil = 30_000 }).Alert;
        var step = AlertMachine.Step(pending, Service, Reading(SignalState.Well), 10, Rules);
        Assert.Equal((AlertState.Resolved, (AnnouncementKind?)null), (step.Alert!.State, step.Announcement));
    }

    [Fact]
    public void Step_Off_EndsAtOnce()
    {
        var firing = AlertMachine.Step(null, Service, Reading(SignalState.Wrong), 0, Wavering).Alert;
        Assert.Equal(AnnouncementKind.Resolved, AlertMachine.Step(firing, Service, Reading(SignalState.Off), 1, Wavering).Announcement);
    }

    [Fact]
    public void Step_AnyHistory_TellsOfEachBeginningAndEndOnce() =>
        Gen.Select(Gen.Enum<SignalState>(), Gen.Enum<AlertSeverity>(), Gen.Int[1, 100_000]).Array[0, 60].Sample(looks =>
        {
            AlertRecord? alert = null;
            var (now, open, told) = (0L, false, 0);
            foreach (var (state, severity, wait) in looks)
            {
                now += wait;
                var step = AlertMachine.Step(alert, Service, Reading(state, severity), now, Wavering);
                switch (step.Announcement)
                {
                    case AnnouncementKind.Firing:
                        Assert.False(open);
                        open = true;
                        told = 1;
                        break;
                    case AnnouncementKind.Resolved:
                        Assert.True(open);
                        open = false;
                        told++;
                        break;
                    case not null:
                        Assert.True(open);
                        told++;
                        break;
                }
                if (step.Alert is { } now2)
                    Assert.Equal(told, now2.Announcements); // The number makes the identity of a notification: never twice.
                alert = step.Alert is { IsOpen: true } ? step.Alert : null;
                Assert.Equal(open, alert is not null);
            }
        });

    private static SignalReading Reading(SignalState state, AlertSeverity severity = AlertSeverity.Critical) =>
        new() { Signal = AlertSignal.Down, State = state, Severity = severity, Reason = "ChecksFailing", Message = "connection refused" };
}
