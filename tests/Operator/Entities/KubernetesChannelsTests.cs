using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Operator.Entities;

namespace HealthTrack.Operator.Tests.Entities;

public sealed class KubernetesChannelsTests
{
    private static readonly ChannelKey Hook = new("ops", "hook");

    private readonly KubernetesChannels _channels = new("ops", () => Task.CompletedTask);

    [Fact]
    public void Recall_OfAnotherProcess_CountsWhereItIsLater()
    {
        _channels.Recall(Hook, new(1000, "The receiver answered 503."));
        Assert.Equal(new ChannelDelivery(1000, "The receiver answered 503."), _channels.LastDelivery(Hook));
        _channels.Recall(Hook, new(2000, null));
        Assert.Equal(new ChannelDelivery(2000, null), _channels.LastDelivery(Hook));

        _channels.Delivered(Hook, 3500, null);
        // The status has whole seconds.
        _channels.Recall(Hook, new(3000, null));
        Assert.Equal(new ChannelDelivery(3500, null), _channels.LastDelivery(Hook));
    }

    [Fact]
    public void PutWrong_AChannelThatWasValid_KeepsItInForceUntilItIsRightOrGone()
    {
        var channel = new NotificationChannel { Key = Hook, Type = "webhook", Address = new SecretRef("hook", "url") };
        _channels.Put(channel);
        _channels.PutWrong(Hook, "spec.type: is required.");
        Assert.Equal((channel, "spec.type: is required."), (_channels.Find(Hook), _channels.Wrong[Hook]));
        _channels.Put(channel);
        Assert.Empty(_channels.Wrong);

        _channels.PutWrong(Hook, "spec.type: is required.");
        _channels.Remove(Hook);
        Assert.Empty(_channels.Wrong);
        Assert.Null(_channels.Find(Hook));
    }
}
