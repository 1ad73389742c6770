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
    private static readonly TimeSpan LookForNew = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, INotificationSender> _senders = senders.ToDictionary(s => s.Type);
    private readonly ConcurrentDictionary<ChannelKey, Looked> _looked = new();

    /// <summary>Why a channel cannot be told, as far as is known; null where nothing keeps it from it.</summary>
    public ChannelProblem? ProblemOf(NotificationChannel channel) =>
        _looked.TryGetValue(channel.Key, out var looked) && looked.Channel == channel ? looked.Problem : Unsupported(channel);

    /// <summary>The same, looked up first where that was not done of late.</summary>
    public async Task<ChannelProblem?> LookAsync(NotificationChannel channel, CancellationToken cancellationToken)
    {
        var before = _looked.GetValueOrDefault(channel.Key);
        if (before is not null && before.Channel == channel && time.GetElapsedTime(before.At) < Period)
            return before.Problem;
        var problem = Unsupported(channel) ?? await AddressProblemAsync(channel, before, cancellationToken);
        _looked[channel.Key] = new Looked(channel, problem, time.GetTimestamp());
        if (problem is not null && problem != before?.Problem)
            Log.CannotBeTold(log, channel.Key, problem.Message);
        else if (problem is null && before?.Problem is not null)
            Log.CanBeTold(log, channel.Key);
        return problem;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            foreach (var channel in directory.Channels)
                await LookAsync(channel, stoppingToken);
            foreach (var gone in _looked.Keys.Where(key => directory.Find(key) is null))
                _looked.TryRemove(gone, out _);
            await Task.Delay(LookForNew, time, stoppingToken);
        }
    }

    private ChannelProblem? Unsupported(NotificationChannel channel) => _senders.ContainsKey(channel.Type)
        ? null
        : new(
            HealthReasons.NotSupported,
            $"This version cannot tell channels of type {channel.Type}: it can {string.Join(" and ", _senders.Keys.Order(StringComparer.Ordinal))}.");

    private async Task<ChannelProblem?> AddressProblemAsync(NotificationChannel channel, Looked? before, CancellationToken cancellationToken)
    {
        try
        {
            if (await secrets.GetAsync(channel.Key.Namespace, channel.Address, cancellationToken) is not { } address)
                return new(HealthReasons.SecretNotFound, $"The secret {channel.Key.Namespace}/{channel.Address.Name} has no key {channel.Address.Key}, or may not be read.");
            return _senders[channel.Type].AddressProblem(address.Trim()) is { } problem ? new(InvalidAddress, problem) : null;
        }
        catch (SecretUnavailableException)
        {
            // Nothing is said about the secret: what was known of it stands.
            return before?.Problem;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // One that breaks must not stop the rest.
            Log.ChannelLookFailed(log, e, channel.Key);
            return before?.Problem;
        }
    }

    private sealed record Looked(NotificationChannel Channel, ChannelProblem? Problem, long At);
}
