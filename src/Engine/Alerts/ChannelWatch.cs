using System.Collections.Concurrent;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Alerts.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Alerts;

/// <summary>Why a channel cannot be told.</summary>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence without secrets.</param>
internal sealed record ChannelProblem(string Reason, string Message);

/// <summary>What a look at a channel found.</summary>
/// <param name="IsKnown">False where nobody can say now whether it can be told, nor could before.</param>
/// <param name="Problem">Why it cannot be told; null where nothing keeps it from it, and where that is not known.</param>
internal readonly record struct ChannelLook(bool IsKnown, ChannelProblem? Problem);

/// <summary>
/// Finds out whether channels can be told before there is something to tell: when they are declared, when they change, and each minute, because secrets come and go. Nothing
/// is sent.
/// </summary>
internal sealed class ChannelWatch(
    IChannelDirectory directory, ISecretSource secrets, IEnumerable<INotificationSender> senders, TimeProvider time, ILogger<ChannelWatch> log) : BackgroundService
{
    /// <summary>The secret of a channel holds no address of its kind of receiver.</summary>
    public const string InvalidAddress = nameof(InvalidAddress);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(60);
    // Where the last look said nothing.
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookForNew = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, INotificationSender> _senders = senders.ToDictionary(s => s.Type);
    private readonly ConcurrentDictionary<ChannelKey, Looked> _looked = new();
    private readonly ConcurrentDictionary<ChannelKey, SemaphoreSlim> _turns = new();

    /// <summary>Why a channel cannot be told, as far as is known; null where nothing keeps it from it.</summary>
    public ChannelProblem? ProblemOf(NotificationChannel channel) =>
        _looked.TryGetValue(channel.Key, out var looked) && looked.Channel == channel ? looked.Problem : Unsupported(channel);

    /// <summary>The same, looked up first where that was not done of late. One look at a channel is under way at a time: whoever wants another waits for what it finds.</summary>
    public async Task<ChannelLook> LookAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(channel.Key, static _ => new(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            var before = _looked.GetValueOrDefault(channel.Key);
            if (before?.Channel == channel && time.GetElapsedTime(before.At) < (before.IsCertain ? Period : AskAgain))
                return new(before.IsKnown, before.Problem);
            var looked = await LookedAsync(channel, before, cancellationToken);
            _looked[channel.Key] = looked;
            return new(looked.IsKnown, looked.Problem);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            foreach (var channel in directory.Channels)
                await LookAsync(channel, stoppingToken);
            foreach (var gone in _looked.Keys.Where(key => directory.Find(key) is null))
            {
                _looked.TryRemove(gone, out _);
                _turns.TryRemove(gone, out _);
            }
            await Task.Delay(LookForNew, time, stoppingToken);
        }
    }

    private ChannelProblem? Unsupported(NotificationChannel channel) => _senders.ContainsKey(channel.Type)
        ? null
        : new(
            HealthReasons.NotSupported,
            $"This version cannot tell channels of type {channel.Type}: it can {string.Join(" and ", _senders.Keys.Order(StringComparer.Ordinal))}.");

    private async Task<Looked> LookedAsync(NotificationChannel channel, Looked? before, CancellationToken cancellationToken)
    {
        try
        {
            var problem = Unsupported(channel) ?? await AddressProblemAsync(channel, cancellationToken);
            if (problem is not null && problem != before?.Told)
                Log.CannotBeTold(log, channel.Key, problem.Message);
            else if (problem is null && before?.Told is not null)
                Log.CanBeTold(log, channel.Key);
            return new(channel, IsKnown: true, IsCertain: true, problem, time.GetTimestamp(), Told: problem);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // One that breaks must not stop the rest.
            if (e is not SecretUnavailableException)
                Log.ChannelLookFailed(log, e, channel.Key);
            // Nothing is said about the secret: what was known of this very channel stands, and nothing is known of one that is new or another.
            return before is not null && before.Channel == channel
                ? before with { IsCertain = false, At = time.GetTimestamp() }
                : new(channel, IsKnown: false, IsCertain: false, null, time.GetTimestamp(), before?.Told);
        }
    }

    private async Task<ChannelProblem?> AddressProblemAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        if (await secrets.GetAsync(channel.Key.Namespace, channel.Address, cancellationToken) is not { } address)
            return new(HealthReasons.SecretNotFound, $"The secret {channel.Key.Namespace}/{channel.Address.Name} has no key {channel.Address.Key}, or may not be read.");
        return _senders[channel.Type].AddressProblem(address.Trim()) is { } problem ? new(InvalidAddress, problem) : null;
    }

    /// <summary>What is known of a channel.</summary>
    /// <param name="Channel">As it was then: of another with its name nothing is known.</param>
    /// <param name="IsKnown">Whether the problem, or that there is none, was ever found out.</param>
    /// <param name="IsCertain">Whether that was so the last time.</param>
    /// <param name="Problem">Why it cannot be told.</param>
    /// <param name="At">When it was looked at.</param>
    /// <param name="Told">The problem that the log told of last; null where it told that there is none.</param>
    private sealed record Looked(NotificationChannel Channel, bool IsKnown, bool IsCertain, ChannelProblem? Problem, long At, ChannelProblem? Told);
}
