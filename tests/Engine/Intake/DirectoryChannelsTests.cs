using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Intake;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Engine.Tests.Intake;

public sealed class DirectoryChannelsTests : IDisposable
{
    private readonly TemporaryFolder _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Channels_OfAFolder_AreThereRightOrWrongWithTheirLastDelivery()
    {
        var cancelled = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(_files.File("channels.yaml"), $"{Yaml("hook", "webhook")}---\n{Yaml("bird", "pigeon")}", cancelled);
        var source = new DirectoryMonitorSource(_files.Path, TimeProvider.System, NullLogger<DirectoryMonitorSource>.Instance);
        var channels = new DirectoryChannels(source);
        Assert.False(channels.FirstSync.IsCompleted);
        await foreach (var seen in source.WatchAsync(cancelled))
        {
            if (seen is MonitorsSynced)
                break;
        }
        Assert.True(channels.FirstSync.IsCompleted);
        var hook = new ChannelKey("ops", "hook");

        Assert.Equal(hook, Assert.Single(channels.Channels).Key);
        var (key, problem) = Assert.Single(channels.Wrong);
        Assert.Equal(new ChannelKey("ops", "bird"), key);
        Assert.StartsWith("channels.yaml: spec.type", problem, StringComparison.Ordinal);

        Assert.Null(channels.LastDelivery(hook));
        channels.Delivered(hook, 1, "The receiver answered 503.");
        channels.Delivered(hook, 2, null);
        channels.Delivered(new("ops", "gone"), 2, null);
        Assert.Equal(new ChannelDelivery(2, null), channels.LastDelivery(hook));
        Assert.Null(channels.LastDelivery(new("ops", "gone")));
    }

    private static string Yaml(string name, string type) => $$"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: NotificationChannel
        metadata: {name: {{name}}, namespace: ops}
        spec: {type: {{type}}, secretRef: {name: {{name}} } }

        """;
}
