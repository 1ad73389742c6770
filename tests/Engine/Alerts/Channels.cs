using System.Collections.Concurrent;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Tests.Alerts;

/// <summary>Channels and their secrets in memory.</summary>
internal sealed class Channels : IChannelDirectory, ISecretSource
{
    private readonly ConcurrentDictionary<ChannelKey, NotificationChannel> _channels = new();
    private readonly ConcurrentDictionary<(string, SecretRef), string> _secrets = new();

    public ConcurrentQueue<(ChannelKey Key, string? Error)> Deliveries { get; } = new();

    public string OwnNamespace => "ops";

    /// <summary>Known at once, unless the test says otherwise.</summary>
    public Task FirstSync { get; init; } = Task.CompletedTask;

    public ConcurrentDictionary<ChannelKey, string> Wrong { get; } = new();

    IReadOnlyDictionary<ChannelKey, string> IChannelDirectory.Wrong => Wrong;

    IReadOnlyCollection<NotificationChannel> IChannelDirectory.Channels => [.. _channels.Values];

    public Channels With(string name, string type, string url, bool isDefault = true, string ns = "ops", AlertSeverity min = AlertSeverity.Warning, bool resolved = true)
    {
        var secret = new SecretRef(name, "url");
        _secrets[(ns, secret)] = url;
        _channels[new(ns, name)] = new NotificationChannel
        {
            Key = new(ns, name), Type = type, Address = secret, IsDefault = isDefault, MinSeverity = min, SendResolved = resolved,
        };
        return this;
    }

    public void Without(string name, string ns = "ops") => _channels.TryRemove(new(ns, name), out _);

    public NotificationChannel? Find(ChannelKey key) => _channels.GetValueOrDefault(key);

    public void Delivered(ChannelKey key, long at, string? error) => Deliveries.Enqueue((key, error));

    public ChannelDelivery? LastDelivery(ChannelKey key) => Deliveries.LastOrDefault(d => d.Key == key) is { Key.Name: not null } last ? new(1_790_000_000_000, last.Error) : null;

    /// <summary>What the secret of a channel holds from now on; null: it does not exist.</summary>
    public void SetSecret(string name, string? url, string ns = "ops")
    {
        if (url is null)
            _secrets.TryRemove((ns, new SecretRef(name, "url")), out _);
        else
            _secrets[(ns, new SecretRef(name, "url"))] = url;
    }

    public ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken) => new(_secrets.GetValueOrDefault((ns, secret)));
}
