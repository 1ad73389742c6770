using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Intake;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

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

    [Fact]
    public async Task LastDelivery_OfAChannelThatIsMadeAgain_IsNotThatOfTheOneBefore()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var time = new FakeTimeProvider();
        var source = new DirectoryMonitorSource(_files.Path, time, NullLogger<DirectoryMonitorSource>.Instance);
        var channels = new DirectoryChannels(source);
        var hook = new ChannelKey("ops", "hook");
        await File.WriteAllTextAsync(_files.File("channels.yaml"), Yaml("hook", "webhook"), cancelled);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        var watching = Task.Run(
            async () =>
            {
                await foreach (var _ in source.WatchAsync(stop.Token))
                {
                }
            },
            cancelled);
        await UntilAsync(() => channels.Find(hook) is not null);
        channels.Delivered(hook, 1, "The receiver answered 503.");
        await File.WriteAllTextAsync(_files.File("channels.yaml"), Yaml("hook", "pigeon"), cancelled);
        await UntilAsync(() => channels.Wrong.ContainsKey(hook));
        Assert.NotNull(channels.LastDelivery(hook));

        File.Delete(_files.File("channels.yaml"));
        await UntilAsync(() => !channels.Wrong.ContainsKey(hook) && channels.Find(hook) is null);
        await File.WriteAllTextAsync(_files.File("channels.yaml"), Yaml("hook", "webhook"), cancelled);
        await UntilAsync(() => channels.Find(hook) is not null);
        Assert.Null(channels.LastDelivery(hook));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

        Task UntilAsync(Func<bool> condition) => Eventually.True(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return condition();
            },
            "the folder is read", cancelled);
    }

    private static string Yaml(string name, string type) => $$"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: NotificationChannel
        metadata: {name: {{name}}, namespace: ops}
        spec: {type: {{type}}, secretRef: {name: {{name}} } }

        """;
}
