using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Alerts;

/// <summary>
/// Looks at every monitor each 15 s, and at one whose health changed at once; what that makes of its alerts goes to the outbox. Begins when the fleet is known, with what
/// the store remembers.
/// </summary>
internal sealed class AlertStage(
    Fleet fleet, ChangeFeed feed, IntakeProgress intake, IResultStore store, AlertBook book, IChannelDirectory directory, ChannelChoice channels, Outbox outbox,
    AlertMetrics metrics, TimeProvider time, ILogger<AlertStage> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    // Whoever cannot be told, because the channels cannot be read, is no reason to keep no alerts.
    private static readonly TimeSpan LongestWaitForChannels = TimeSpan.FromMinutes(1);

    // Changes come with every check: gathered, they cost little.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<long, (Health Health, Monitor? Monitor)> _seen = [];
    private readonly HashSet<(MonitorKey, string)> _missing = [];
    private long _began;

    /// <summary>Whose alert it is; null where none of this id is open.</summary>
    public AlertSubject? SubjectOf(string id)
    {
        lock (book.Gate)
            return book.Find(id)?.Subject;
    }

    /// <summary>Somebody looks after an alert.</summary>
    /// <returns>The alert; null where none of this id is open.</returns>
    public async Task<AlertRecord?> AcknowledgeAsync(string id, string by, CancellationToken cancellationToken)
    {
        AlertRecord acknowledged;
        Task written;
        lock (book.Gate)
        {
            if (book.Find(id) is not { } alert)
                return null;
            acknowledged = AlertMachine.Acknowledge(alert, by, Now());
            book.Put(acknowledged);
            written = outbox.Add(new AlertChanges([acknowledged], [], []));
        }
        await written.WaitAsync(cancellationToken);
        return acknowledged;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await intake.FirstSync.WaitAsync(stoppingToken);
        await ChannelsAsync(stoppingToken);
        await LoadAsync(stoppingToken);
        _began = time.GetTimestamp();
        var last = feed.Last;
        LookAtAll();
        var looked = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitAsync(last, Period - time.GetElapsedTime(looked), stoppingToken);
            var changes = new List<Change>();
            var behind = !feed.TryRead(last, changes);
            last = behind ? feed.Last : last + changes.Count;
            if (behind || time.GetElapsedTime(looked) >= Period)
            {
                LookAtAll();
                looked = time.GetTimestamp();
            }
            else
                LookAt(changes);
        }
    }

    // Before its channels are known, an alert would be told to nobody.
    private async Task ChannelsAsync(CancellationToken cancellationToken)
    {
        try
        {
            await directory.FirstSync.WaitAsync(LongestWaitForChannels, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Log.ChannelsUnknown(log, LongestWaitForChannels);
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var alerts = await store.Alerts.ReadOpenAlertsAsync(cancellationToken);
                var incidents = await store.Alerts.ReadOpenIncidentsAsync(cancellationToken);
                var waiting = await ReadOutboxAsync(cancellationToken);
                lock (book.Gate)
                    book.Load(alerts, incidents);
                outbox.Resume(waiting);
                return;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(Retry, time, cancellationToken);
            }
        }
    }

    private async Task<List<QueuedNotification>> ReadOutboxAsync(CancellationToken cancellationToken)
    {
        var all = new List<QueuedNotification>();
        while (true)
        {
            var page = await store.Alerts.ReadOutboxAsync(all.Count == 0 ? null : all[^1].Notification, cancellationToken);
            if (page.Count == 0)
                return all;
            all.AddRange(page);
        }
    }

    private async Task WaitAsync(long last, TimeSpan untilAll, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(feed.WaitAsync(last, enough.Token), Task.Delay(untilAll > TimeSpan.Zero ? untilAll : TimeSpan.Zero, time, enough.Token));
        await enough.CancelAsync();
        await Task.Delay(Gather, time, cancellationToken);
    }

    private void LookAtAll()
    {
        foreach (var state in fleet.All)
            LookAt(state, always: true);
        IReadOnlyList<AlertSubject> open;
        lock (book.Gate)
        {
            metrics.Open(book.Open);
            open = book.Subjects;
        }
        foreach (var subject in open.Where(s => !fleet.TryGet(s.ServiceId, out _)))
            End(subject);
    }

    private void LookAt(List<Change> changes)
    {
        foreach (var change in changes)
        {
            if (change is ServiceRemoved removed)
                End(new AlertSubject(removed.ServiceId, removed.Key));
            else if (change is ServiceChanged && fleet.TryGet(change.ServiceId, out var state))
                LookAt(state, always: false);
        }
        lock (book.Gate)
            metrics.Open(book.Open);
    }

    private void LookAt(MonitorState state, bool always)
    {
        var seen = (state.Health, state.Monitor);
        if (!always && _seen.TryGetValue(state.Id, out var before) && before.Health == seen.Health && ReferenceEquals(before.Monitor, seen.Monitor))
            return;
        _seen[state.Id] = seen;
        try
        {
            var now = Now();
            var look = new AlertLook(book, channels);
            lock (book.Gate)
            {
                try
                {
                    look.At(state.Snapshot(now), now, time.GetElapsedTime(_began));
                }
                finally
                {
                    // What is in the book is written and told, also where the rest of the look broke.
                    _ = outbox.Add(look.Changes);
                }
            }
            SayMissing(state);
        }
        catch (Exception e)
        {
            // One that breaks must not stop the rest.
            Log.LookFailed(log, e, state.Key);
        }
    }

    private void End(AlertSubject subject)
    {
        _seen.Remove(subject.ServiceId, out var last);
        var look = new AlertLook(book, channels);
        try
        {
            lock (book.Gate)
            {
                look.AtDeleted(subject, last.Monitor, Now());
                _ = outbox.Add(look.Changes);
            }
        }
        catch (Exception e)
        {
            Log.LookFailed(log, e, subject.Key);
        }
    }

    private void SayMissing(MonitorState state)
    {
        if (state.Monitor is not { } monitor)
            return;
        var missing = directory.MissingNames(monitor).ToHashSet();
        _missing.RemoveWhere(m => m.Item1 == state.Key && !missing.Contains(m.Item2));
        foreach (var name in missing.Where(name => _missing.Add((state.Key, name))))
            Log.ChannelMissing(log, state.Key, name);
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
