using HealthTrack.Engine.Dispatch;

namespace HealthTrack.Engine.Tests.Dispatch;

public sealed class ResultQuotaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Enter_SeveralWaitForOneRoom_AllGoOnInTime()
    {
        var quota = new ResultQuota(100, 10);
        await quota.EnterAsync(100, Cancel);
        var waiting = Enumerable.Range(0, 5).Select(_ => quota.EnterAsync(20, Cancel).AsTask()).ToList();
        Assert.DoesNotContain(waiting, w => w.IsCompleted);

        quota.Leave(100);

        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        Assert.False(quota.EnterAsync(1, Cancel).AsTask().IsCompleted);
    }

    [Fact]
    public async Task Enter_OneBatchLargerThanAllRoom_IsLetInAlone()
    {
        var quota = new ResultQuota(100, 10);
        await quota.EnterAsync(1000, Cancel);
        var next = quota.EnterAsync(1, Cancel).AsTask();
        Assert.False(next.IsCompleted);
        quota.Leave(1000);
        await next.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }
}
