namespace HealthTrack.Core.Alerts;

/// <summary>What the machine goes by beside the reading.</summary>
/// <param name="RepeatInterval">How often an alert that goes on is told again.</param>
/// <param name="ClearFor">How long nothing must be wrong before an alert is over; zero where the signal itself does not waver.</param>
/// <param name="HoldUntil">
/// Until when an alert that begins waits for what it depends on, ms since the Unix epoch; null: it does not wait. Once it is null again, or past, the alert fires.
/// </param>
public readonly record struct AlertRules(TimeSpan RepeatInterval, TimeSpan ClearFor, long? HoldUntil = null);

/// <summary>What came of one look at a signal.</summary>
/// <param name="Alert">The alert now; null where there is none.</param>
/// <param name="Announcement">What people are to be told; null: nothing.</param>
public readonly record struct AlertStep(AlertRecord? Alert, AnnouncementKind? Announcement);

/// <summary>
/// The life of an alert: pending, firing, acknowledged, resolved. Pure: the alert as it was and what the signal says now give the alert as it is and what is told.
/// </summary>
public static class AlertMachine
{
    /// <summary>One look.</summary>
    /// <param name="current">The alert that is open; null where none is.</param>
    /// <param name="subject">Whose it is.</param>
    /// <param name="reading">What the signal says.</param>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    /// <param name="rules">What it goes by.</param>
    public static AlertStep Step(AlertRecord? current, AlertSubject subject, in SignalReading reading, long now, in AlertRules rules) => reading.State switch
    {
        // Whatever it was clearing from, it has to be seen to be well for as long anew.
        SignalState.Unknown => new(current is { ClearSince: not null } ? current with { ClearSince = null } : current, null),
        SignalState.Off => current is null ? default : End(current, reading, now),
        SignalState.Well => current is null ? default : Clear(current, reading, now, rules),
        _ => current is null ? Begin(subject, reading, now, rules) : GoOn(current, reading, now, rules),
    };

    /// <summary>Somebody looks after it.</summary>
    /// <returns>The alert, acknowledged; itself where it is over or acknowledged already.</returns>
    public static AlertRecord Acknowledge(AlertRecord alert, string by, long now)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return alert.State is AlertState.Firing or AlertState.Pending
            ? alert with { State = AlertState.Acknowledged, AcknowledgedBy = by, AcknowledgedAt = now }
            : alert;
    }

    private static AlertStep Begin(AlertSubject subject, in SignalReading reading, long now, in AlertRules rules)
    {
        var alert = new AlertRecord
        {
            Subject = subject,
            Signal = reading.Signal,
            StartedAt = now,
            State = AlertState.Pending,
            Severity = reading.Severity,
            Reason = reading.Reason,
            Message = reading.Message,
        };
        return FireUnlessHeld(alert, now, rules);
    }

    private static AlertStep FireUnlessHeld(AlertRecord alert, long now, in AlertRules rules) =>
        rules.HoldUntil is { } until && now < until
            ? new(alert, null)
            : Announce(alert with { State = AlertState.Firing }, AnnouncementKind.Firing, now);

    private static AlertStep GoOn(AlertRecord current, in SignalReading reading, long now, in AlertRules rules)
    {
        var escalates = reading.Severity > current.Severity;
        var alert = current with
        {
            Reason = reading.Reason,
            Message = reading.Message,
            Severity = escalates ? reading.Severity : current.Severity,
            ClearSince = null,
        };
        if (alert.State == AlertState.Pending)
            return FireUnlessHeld(alert, now, rules);
        // Who said that they look after a warning has not said so of a page.
        if (escalates)
            return Announce(alert with { State = AlertState.Firing, AcknowledgedBy = null, AcknowledgedAt = null }, AnnouncementKind.Escalated, now);
        var repeats = alert.State == AlertState.Firing && now - (alert.AnnouncedAt ?? alert.StartedAt) >= rules.RepeatInterval.TotalMilliseconds;
        return repeats ? Announce(alert, AnnouncementKind.Reminder, now) : new(alert == current ? current : alert, null);
    }

    private static AlertStep Clear(AlertRecord current, in SignalReading reading, long now, in AlertRules rules)
    {
        // Nobody was told that it began: nobody is told that it is over.
        var since = current.ClearSince ?? now;
        if (now - since >= rules.ClearFor.TotalMilliseconds)
            return End(current, reading, now);
        return new(current.ClearSince is null ? current with { ClearSince = since } : current, null);
    }

    private static AlertStep End(AlertRecord current, in SignalReading reading, long now)
    {
        // What was wrong stays to be read. An end that nobody saw get well says why.
        var off = reading.State == SignalState.Off;
        var ended = current with
        {
            State = AlertState.Resolved,
            EndedAt = now,
            Reason = off ? reading.Reason : current.Reason,
            Message = off ? reading.Message : current.Message,
        };
        return current.Announcements == 0 ? new(ended, null) : Announce(ended, AnnouncementKind.Resolved, now);
    }

    private static AlertStep Announce(AlertRecord alert, AnnouncementKind kind, long now) =>
        new(alert with { AnnouncedAt = now, Announcements = alert.Announcements + 1 }, kind);
}
