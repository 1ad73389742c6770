using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Results;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Engine.Tests.Leadership;

public sealed class StoreClaimTests
{
    private readonly FakeStore _store = new() { Away = true };
    private readonly IntakeProgress _progress = new();
    private readonly PipelineMetrics _metrics = new(Prometheus.Metrics.NewCustomRegistry());
    private readonly StoreClaim _claim;

    public StoreClaimTests() => _claim = new StoreClaim(_store, _progress, _metrics, TimeProvider.System, NullLogger<StoreClaim>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Try_StoreAway_SaysSoUntilItIsBack()
    {
        Assert.False(await _claim.TryAsync(Cancel));
        Assert.Equal((true, false), (_progress.StoreProblem is not null, _metrics.StoreUp));

        _store.Away = false;
        Assert.True(await _claim.TryAsync(Cancel));
        Assert.Equal((null, true), (_progress.StoreProblem, _metrics.StoreUp));
    }

    [Fact]
    public async Task Take_GivesUpAsACandidate_SaysNothingOfTheStoreAnyMore()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var taking = _claim.TakeAsync(over.Token);
        await Eventually.True(() => !_metrics.StoreUp, "it is found away", Cancel);

        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taking);
        Assert.Equal((null, true), (_progress.StoreProblem, _metrics.StoreUp));
    }

    [Fact]
    public async Task Look_StoreAway_SaysSoUntilItIsBack()
    {
        Assert.Equal(StoreHold.Unknown, await _claim.LookAsync(Cancel));
        Assert.False(_metrics.StoreUp);

        _store.Away = false;
        Assert.Equal(StoreHold.Ours, await _claim.LookAsync(Cancel));
        Assert.True(_metrics.StoreUp);
    }

    [Fact]
    public async Task Look_StoreAnswersButTakesNoResults_LeavesIt()
    {
        _store.Away = false;
        _metrics.StoreAnswered(false);

        await _claim.LookAsync(Cancel);
        Assert.False(_metrics.StoreUp);
    }
}
