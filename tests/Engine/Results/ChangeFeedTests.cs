using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Results;

namespace HealthTrack.Engine.Tests.Results;

public sealed class ChangeFeedTests
{
    private const int Length = 1 << 14;

    private readonly ChangeFeed _feed = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void TryRead_AfterAPosition_GivesWhatCameSinceInOrder()
    {
        _feed.ServiceChanged(1);
        _feed.ServiceRemoved(2, new MonitorKey("a", "b"));
        _feed.ServiceChanged(3);
        var changes = new List<Change>();
        Assert.True(_feed.TryRead(1, changes));
        Assert.Equal([new ServiceRemoved(2, 2, new MonitorKey("a", "b")), new ServiceChanged(3, 3)], changes);
    }

    [Theory]
    [InlineData(Length, 0, true)]
    [InlineData(Length + 1, 0, false)]
    [InlineData(Length + 1, 1, true)]
    [InlineData(5, 5, true)]
    [InlineData(5, 6, false)]
    public void TryRead_BeyondTheRing_SaysSo(int published, long after, bool held)
    {
        for (var i = 0; i < published; i++)
            _feed.ServiceChanged(i);
        var changes = new List<Change>();
        Assert.Equal(held, _feed.TryRead(after, changes));
        Assert.Equal(held ? Enumerable.Range((int)after + 1, published - (int)after).Select(s => (long)s) : [], changes.Select(c => c.Sequence));
    }

    [Fact]
    public async Task WaitAsync_ChangeBeforeOrAfter_Completes()
    {
        var waiting = _feed.WaitAsync(0, Cancel);
        Assert.False(waiting.IsCompleted);
        _feed.ServiceChanged(1);
        await waiting.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.True(_feed.WaitAsync(0, Cancel).IsCompleted);
        Assert.False(_feed.WaitAsync(1, Cancel).IsCompleted);
    }

    [Fact]
    public async Task TryRead_WhileOthersPublish_MissesNothing()
    {
        const int Writers = 4;
        const int Each = 2000;
        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(w => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
                _feed.ServiceChanged(w);
        }, Cancel)));
        var seen = new List<Change>();
        while (seen.Count < Writers * Each)
        {
            await _feed.WaitAsync(seen.Count, Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
            Assert.True(_feed.TryRead(seen.Count, seen));
        }
        await writing;
        Assert.Equal(Enumerable.Range(1, Writers * Each).Select(s => (long)s), seen.Select(c => c.Sequence));
    }
}
