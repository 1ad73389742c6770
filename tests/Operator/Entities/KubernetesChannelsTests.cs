using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;
using HealthTrack.Operator.Entities;

namespace HealthTrack.Operator.Tests.Entities;

public sealed class KubernetesChannelsTests
{
    private static readonly ChannelKey Hook = new("ops", "hook");

    private static readonly NotificationChannel Channel = new() { Key = Hook, Type = "webhook", Address = new SecretRef("hook", "url") };

    private readonly KubernetesChannels _channels = new("ops", () => Task.CompletedTask);

    [Fact]
    public void Recall_OfAnotherProcess_CountsWhereItIsLater()
    {
        _channels.Recall(Hook, new(1000, "The receiver answered 503."));
        Assert.Equal(new ChannelDelivery(1000, "The receiver answered 503."), _channels.LastDelivery(Hook));
        _channels.Recall(Hook, new(2000, null));
        Assert.Equal(new ChannelDelivery(2000, null), _channels.LastDelivery(Hook));

        _channels.Put(Channel);
        _channels.Delivered(Hook, 3500, null);
        // The status has whole seconds.
        _channels.Recall(Hook, new(3000, null));
        Assert.Equal(new ChannelDelivery(3500, null), _channels.LastDelivery(Hook));
    }

    [Fact]
    public void Delivered_ToAChannelThatIsGone_IsNothingOfTheNextOfItsName()
    {
        _channels.Put(Channel);
        _channels.Delivered(Hook, 1000, "The receiver answered 503.");
        _channels.Remove(Hook);
        _channels.Delivered(Hook, 2000, "The receiver answered 503.");
        _channels.Put(Channel);
        Assert.Null(_channels.LastDelivery(Hook));

        _channels.Remove(Hook);
        _channels.PutWrong(Hook, "spec.type: is required.");
        _channels.Delivered(Hook, 3000, null);
        Assert.Equal(new ChannelDelivery(3000, null), _channels.LastDelivery(Hook));
    }

    [Fact]
    public void PutWrong_AChannelThatWasValid_KeepsItInForceUntilItIsRightOrGone()
    {
        _channels.Put(Channel);
        _channels.PutWrong(Hook, "spec.type: is required.");
        Assert.Equal((Channel, "spec.type: is required."), (_channels.Find(Hook), _channels.Wrong[Hook]));
        _channels.Put(Channel);
        Assert.Empty(_channels.Wrong);

        _channels.PutWrong(Hook, "spec.type: is required.");
        _channels.Remove(Hook);
        Assert.Empty(_channels.Wrong);
        Assert.Null(_channels.Find(Hook));
    }
}
