using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Alerts;

/// <summary>One look at one monitor: what its signals say, what that makes of its alerts and its incident, and who is told.</summary>
internal sealed class AlertLook(AlertBook book, ChannelChoice channels)
{
    /// <summary>The reason of what ends because its monitor was deleted.</summary>
    public const string Deleted = "Deleted";

    /// <summary>The reason of what ends because the spec asks for its signal no more.</summary>
    public const string SignalOff = nameof(SignalOff);

    private readonly List<AlertRecord> _alerts = [];
    private readonly List<Incident> _incidents = [];
    private readonly List<Notification> _notifications = [];

    /// <summary>What has come of the looks so far, to be written.</summary>
    public AlertChanges Changes => new([.. _alerts], [.. _incidents], [.. _notifications]);

    /// <summary>Looks at a monitor as it is now. The book's gate is taken.</summary>
    /// <param name="snapshot">The monitor.</param>
    /// <param name="now">When, ms since the Unix epoch.</param>
    /// <param name="listening">For how long results have been taken by this process.</param>
    public void At(MonitorSnapshot snapshot, long now, TimeSpan listening)
    {
        if (snapshot.Monitor is not { } monitor)
            return;
        var subject = new AlertSubject(snapshot.Id, snapshot.Key);
        var input = new SignalInput
        {
            Spec = monitor.Spec,
            Verdict = snapshot.Verdict,
            Streak = snapshot.Streak,
            Window = snapshot.Window,
            Certificate = snapshot.Certificate is { } certificate
                ? new(certificate.NotAfter, HealthEvaluator.CertificateEndsSoon(certificate, monitor.Spec.Check, now), certificate.NotAfter.ToUnixTimeMilliseconds() <= now)
                : null,
            Listening = listening,
        };
        foreach (var signal in SignalReader.Read)
        {
            var reading = monitor.Spec.Alerts.Signals.Contains(signal)
                ? SignalReader.Of(signal, input)
                : new SignalReading { Signal = signal, State = SignalState.Off, Reason = SignalOff, Message = "The spec asks for this signal no more." };
            Take(subject, reading, now, monitor, snapshot.Verdict.Health);
        }
        TakeIncident(subject, snapshot, now);
    }

    /// <summary>Ends what is open of a monitor that was deleted. The book's gate is taken.</summary>
    public void AtDeleted(AlertSubject subject, Monitor? lastKnown, long now)
    {
        foreach (var alert in book.Open.Where(a => a.Subject.ServiceId == subject.ServiceId))
        {
            var reading = new SignalReading { Signal = alert.Signal, State = SignalState.Off, Reason = Deleted, Message = "The monitor was deleted." };
            Take(subject, reading, now, lastKnown, Health.Unknown);
        }
        if (book.FindIncident(subject.ServiceId) is { } incident)
            Write(incident with { EndedAt = now, Reason = Deleted });
    }

    private void Take(AlertSubject subject, in SignalReading reading, long now, Monitor? monitor, Health health)
    {
        var before = book.Find(subject.ServiceId, reading.Signal);
        var repeat = monitor?.Spec.Alerts.RepeatInterval ?? AlertPolicy.Default.RepeatInterval;
        var step = AlertMachine.Step(before, subject, reading, now, new AlertRules(repeat, SignalReader.ClearFor(reading.Signal)));
        if (step.Alert is { } late && channels.AreKnown && book.Untold.Remove(late.Id) && step.Announcement is null)
            Tell(late, AnnouncementKind.Firing, reading, monitor, health, now);
        if (step.Alert is not { } alert || ReferenceEquals(alert, before))
            return;
        book.Put(alert);
        // A number that moves is news for the page, and no reason to write.
        if (before is null || alert with { Message = before.Message } != before)
            _alerts.Add(alert);
        if (step.Announcement is { } kind && !Tell(alert, kind, reading, monitor, health, now) && alert.IsOpen && !channels.AreKnown)
            book.Untold.Add(alert.Id);
    }

    // False where nobody is to be told.
    private bool Tell(AlertRecord alert, AnnouncementKind kind, SignalReading reading, Monitor? monitor, Health health, long now)
    {
        var before = _notifications.Count;
        _notifications.AddRange(channels.For(alert.Subject.Key.Namespace, monitor, alert, kind).Select(channel => Say(alert, kind, reading, channel, monitor, health, now)));
        return _notifications.Count > before;
    }

    private void TakeIncident(AlertSubject subject, MonitorSnapshot snapshot, long now)
    {
        var open = book.FindIncident(subject.ServiceId);
        var unhealthy = snapshot.Verdict.Health == Health.Unhealthy;
        if (unhealthy && open is null)
        {
            Write(new Incident
            {
                Subject = subject, StartedAt = snapshot.HealthSince, Reason = snapshot.Verdict.Reason, Message = snapshot.Verdict.Message,
            });
        }
        else if (!unhealthy && open is not null)
            Write(open with { EndedAt = Math.Max(open.StartedAt, snapshot.HealthSince) });
    }

    private void Write(Incident incident)
    {
        book.Put(incident);
        _incidents.Add(incident);
    }

    private static Notification Say(
        AlertRecord alert, AnnouncementKind kind, in SignalReading reading, ChannelKey channel, Monitor? monitor, Health health, long now) => new()
    {
        AlertId = alert.Id,
        Number = alert.Announcements,
        Channel = channel,
        Kind = kind,
        Subject = alert.Subject,
        DisplayName = monitor?.DisplayName ?? alert.Subject.Key.Name,
        Target = monitor?.Spec.Check.Target ?? "",
        Health = health.ToString(),
        Signal = alert.Signal,
        Severity = alert.Severity,
        Reason = reading.Reason,
        Message = kind != AnnouncementKind.Resolved ? alert.Message : Over(alert, reading, health),
        StartedAt = alert.StartedAt,
        DecidedAt = now,
    };

    // What was wrong, and what still is.
    private static string Over(AlertRecord alert, in SignalReading reading, Health health) =>
        reading.State == SignalState.Off ? reading.Message
        : health == Health.Degraded ? $"It was: {alert.Message} Now it is Degraded: {reading.Message}"
        : $"It was: {alert.Message}";
}
