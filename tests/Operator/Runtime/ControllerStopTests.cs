using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Runtime;

public sealed class ControllerStopTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stop_WhileReconciling_LetsItFinishAndBeginsNoOther()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token, new() { Workers = 1 });
        var release = new TaskCompletionSource();
        var finished = false;
        controlled.Controller.OnReconcile = async (widget, cancellationToken) =>
        {
            await release.Task.WaitAsync(cancellationToken);
            finished = true;
            return ReconciliationResult<Widget>.Success(widget);
        };
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Widgets.CreateAsync("b", 1, Token);
        await controlled.Service.StartAsync(Token);
        await Eventually.True(() => controlled.Controller.Calls.Count == 1, "one is being reconciled", Token);

        var stop = controlled.Service.StopAsync(Token);
        Assert.False(stop.IsCompleted);
        release.SetResult();
        await stop;

        Assert.True(finished);
        Assert.Single(controlled.Controller.Calls);
    }

    [Fact]
    public async Task Stop_ReconcileDoesNotEnd_CancelsIt()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token, new() { StopGrace = TimeSpan.FromMilliseconds(50) });
        var cancelled = false;
        controlled.Controller.OnReconcile = async (widget, cancellationToken) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancelled = cancellationToken.IsCancellationRequested;
            return ReconciliationResult<Widget>.Success(widget);
        };
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Service.StartAsync(Token);
        await Eventually.True(() => controlled.Controller.Calls.Count == 1, "it is being reconciled", Token);

        await controlled.Service.StopAsync(Token);

        Assert.True(cancelled);
    }
}
