using System.Text.Json.Nodes;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Runtime;

public sealed class ControllerTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reconcile_CreateChangeDelete_IsToldOfEach()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token);
        var calls = controlled.Controller.Calls;
        await controlled.Service.StartAsync(Token);

        await controlled.Widgets.CreateAsync("a", 1, Token);
        await Eventually.True(() => calls.Count == 1, "created", Token);
        await controlled.Widgets.ResizeAsync("a", 2, Token);
        await Eventually.True(() => calls.Count == 2, "changed", Token);
        await controlled.Widgets.DeleteAsync("a", Token);
        await Eventually.True(() => calls.Count == 3, "deleted", Token);

        Assert.Equal(["a=1", "a=2", "-a=2"], calls);
    }

    [Fact]
    public async Task Workers_UntilAllAreListed_Wait()
    {
        var options = new ControllerOptions { Watching = new() { PageSize = 1 } };
        await using var controlled = await Controlled.CreateAsync(server, Token, options);
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Widgets.CreateAsync("b", 1, Token);
        var asked = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        controlled.Proxy.Fault = async context =>
        {
            if (context.Request.Query.ContainsKey("continue"))
            {
                asked.TrySetResult();
                await release.Task;
            }
            return false;
        };

        await controlled.Service.StartAsync(Token);
        await asked.Task.WaitAsync(Token);
        Assert.Empty(controlled.Controller.Calls);
        Assert.False(controlled.Service.FirstReconciled.IsCompleted);
        release.SetResult();

        await controlled.Service.FirstReconciled.WaitAsync(Token);
        Assert.Equal(["a=1", "b=1"], controlled.Controller.Calls.Order());
    }

    [Fact]
    public async Task FirstReconciled_TwoNamespacesAndOneHasNothing_WaitsForBoth()
    {
        var empty = await server.CreateNamespaceAsync(Token);
        await using var controlled = await Controlled.CreateAsync(server, Token, new() { Namespaces = [empty] });

        await controlled.Service.StartAsync(Token);

        await controlled.Service.FirstReconciled.WaitAsync(Token);
        Assert.Empty(controlled.Controller.Calls);
    }

    [Fact]
    public async Task Reconcile_ChangedMeanwhile_RunsAgainAndNeverTwiceAtOnce()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token);
        var release = new TaskCompletionSource();
        var (running, most) = (0, 0);
        controlled.Controller.OnReconcile = async (widget, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await release.Task;
            Interlocked.Decrement(ref running);
            return ReconciliationResult<Widget>.Success(widget);
        };
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Service.StartAsync(Token);
        await Eventually.True(() => !controlled.Controller.Calls.IsEmpty, "it is being reconciled", Token);

        await controlled.Widgets.ResizeAsync("a", 2, Token);
        await controlled.Widgets.ResizeAsync("a", 3, Token);
        await Eventually.TrueAsync(async () => (await controlled.ScrapeAsync(Token)).Contains("workqueue_depth{name=\"widget\"} 1", StringComparison.Ordinal), "it is dirty", Token);
        // Both changes are seen once a later one to another object is.
        await controlled.Widgets.CreateAsync("z", 9, Token);
        await Eventually.True(() => controlled.Controller.Count("z=9") == 1, "what came later is seen", Token);
        release.SetResult();

        await Eventually.True(() => controlled.Controller.Count("a=3") == 1, "it runs again", Token);
        Assert.Equal(["a=1", "a=3"], controlled.Controller.Calls.Where(c => c.StartsWith('a')));
        Assert.Equal(2, most); // a and z, never a twice.
    }

    [Fact]
    public async Task Reconcile_Throws_IsTriedUntilItSucceedsAndOthersGoOn()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token, new() { Workers = 1 });
        controlled.Controller.OnReconcile = (widget, _) => widget.Metadata.Name == "bad" && controlled.Controller.Count("bad=1") < 8
            ? throw new InvalidOperationException("poison")
            : Task.FromResult(ReconciliationResult<Widget>.Success(widget));
        await controlled.Widgets.CreateAsync("bad", 1, Token);
        await controlled.Widgets.CreateAsync("good", 1, Token);

        await controlled.Service.StartAsync(Token);
        await controlled.Service.FirstReconciled.WaitAsync(Token);
        Assert.Equal(1, controlled.Controller.Count("good=1"));

        await Eventually.True(() => controlled.Controller.Count("bad=1") == 8, "it is tried until it succeeds", Token);
        await Eventually.TrueAsync(
            async () => (await controlled.ScrapeAsync(Token)).Contains("controller_runtime_reconcile_errors_total{controller=\"widget\"} 7", StringComparison.Ordinal),
            "each failure is counted", Token);
    }

    [Fact]
    public async Task Reconcile_FailsWithAWish_ComesBackThen()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token);
        controlled.Controller.OnReconcile = (widget, _) => Task.FromResult(controlled.Controller.Count("a=1") == 1
            ? ReconciliationResult<Widget>.Failure(widget, "not yet", requeueAfter: TimeSpan.FromMilliseconds(1))
            : ReconciliationResult<Widget>.Success(widget, controlled.Controller.Count("a=1") < 4 ? TimeSpan.FromMilliseconds(1) : null));
        await controlled.Widgets.CreateAsync("a", 1, Token);

        await controlled.Service.StartAsync(Token);

        await Eventually.True(() => controlled.Controller.Count("a=1") == 4, "it comes back", Token);
        Assert.Contains("workqueue_retries_total{name=\"widget\"} 0", await controlled.ScrapeAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reconcile_Hangs_IsCancelledAndTriedAgain()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token, new() { Workers = 1, ReconcileLimit = TimeSpan.FromMilliseconds(200) });
        controlled.Controller.OnReconcile = async (widget, cancellationToken) =>
        {
            if (controlled.Controller.Count("a=1") == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return ReconciliationResult<Widget>.Success(widget);
        };
        await controlled.Widgets.CreateAsync("a", 1, Token);

        await controlled.Service.StartAsync(Token);

        await Eventually.True(() => controlled.Controller.Count("a=1") == 2, "it is tried again", Token);
    }

    [Fact]
    public async Task Reconcile_IgnoresItsCancellation_KeepsItsObjectAndNotItsWorker()
    {
        var options = new ControllerOptions { Workers = 1, ReconcileLimit = TimeSpan.FromMilliseconds(100), CancelGrace = TimeSpan.FromMilliseconds(50) };
        await using var controlled = await Controlled.CreateAsync(server, Token, options);
        var release = new TaskCompletionSource();
        controlled.Controller.OnReconcile = async (widget, _) =>
        {
            if (widget.Metadata.Name == "stuck")
                await release.Task;
            return ReconciliationResult<Widget>.Success(widget);
        };
        await controlled.Widgets.CreateAsync("stuck", 1, Token);
        await controlled.Service.StartAsync(Token);
        await Eventually.True(() => controlled.Controller.Count("stuck=1") == 1, "it is stuck", Token);

        await controlled.Widgets.ResizeAsync("stuck", 2, Token);
        await controlled.Widgets.CreateAsync("good", 1, Token);
        await Eventually.True(() => controlled.Controller.Count("good=1") == 1, "others go on", Token);
        Assert.Equal(0, controlled.Controller.Count("stuck=2"));
        release.SetResult();

        await Eventually.True(() => controlled.Controller.Count("stuck=2") == 1, "what changed meanwhile is reconciled", Token);
    }

    [Fact]
    public async Task Reconcile_StatusWritten_IsNotToldOfIt()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token);
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Service.StartAsync(Token);
        await Eventually.True(() => controlled.Controller.Count("a=1") == 1, "created", Token);

        await controlled.Widgets.MergeAsync("a", "/status", new JsonObject { ["status"] = new JsonObject { ["seen"] = true } }, Token);
        await controlled.Widgets.MergeAsync("a", "", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["team"] = "sre" } } }, Token);
        await Eventually.True(() => controlled.Controller.Count("a=1") == 2, "the label is told", Token);

        await controlled.Widgets.ResizeAsync("a", 2, Token);
        await Eventually.True(() => controlled.Controller.Count("a=2") == 1, "the spec is told", Token);
        Assert.Equal(["a=1", "a=1", "a=2"], controlled.Controller.Calls);
    }

    [Fact]
    public async Task Deleted_Fails_IsTriedAgainBeforeTheNewOneIsReconciled()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token);
        var attempts = 0;
        controlled.Controller.OnDeleted = widget => Task.FromResult(++attempts < 3
            ? ReconciliationResult<Widget>.Failure(widget, "busy")
            : ReconciliationResult<Widget>.Success(widget));
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Service.StartAsync(Token);
        await Eventually.True(() => controlled.Controller.Count("a=1") == 1, "created", Token);

        await controlled.Widgets.DeleteAsync("a", Token);
        await controlled.Widgets.CreateAsync("a", 2, Token);

        await Eventually.True(() => controlled.Controller.Count("a=2") == 1, "the new one", Token);
        Assert.Equal(["a=1", "-a=1", "-a=1", "-a=1", "a=2"], controlled.Controller.Calls);
    }

    [Fact]
    public async Task Finalizer_ObjectDeleted_RunsThenLetsItGo()
    {
        var finalizer = new CountingFinalizer();
        await using var controlled = await Controlled.CreateAsync(server, Token, null, finalizer);
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Service.StartAsync(Token);
        await Eventually.TrueAsync(
            async () => (await controlled.Client.FindAsync(new(controlled.Widgets.Namespace, "a"), Token))!.Metadata.Finalizers?.Contains(finalizer.Identifier) == true,
            "it is attached", Token);

        await controlled.Widgets.DeleteAsync("a", Token);

        await Eventually.True(() => controlled.Controller.Count("-a=1") == 1, "it is gone", Token);
        Assert.Equal(2, finalizer.Runs); // The first one fails.
        Assert.Null(await controlled.Client.FindAsync(new(controlled.Widgets.Namespace, "a"), Token));
    }

    [Fact]
    public async Task Change_SomebodyElseWasFirst_IsMadeToWhatTheyLeft()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token);
        await controlled.Widgets.CreateAsync("a", 1, Token);
        controlled.Proxy.Fault = async context =>
        {
            if (context.Request.Method == "PUT" && controlled.Proxy.Requests.Count(r => r.StartsWith("PUT", StringComparison.Ordinal)) == 1)
                await controlled.Widgets.MergeAsync("a", "", new JsonObject { ["spec"] = new JsonObject { ["colour"] = "red" } }, Token);
            return false;
        };

        var after = await controlled.Client.ChangeAsync(new(controlled.Widgets.Namespace, "a"), json => json["spec"]!["size"] = 5, Token);

        Assert.Equal(5, after!.Spec!.Size);
        Assert.Equal(2, controlled.Proxy.Requests.Count(r => r.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.Contains("\"colour\":\"red\"", await server.Admin.GetStringAsync(new Uri(controlled.Widgets.PathOf("a"), UriKind.Relative), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AfterAReconcile_HaveTheNamesThatControllersShare()
    {
        await using var controlled = await Controlled.CreateAsync(server, Token);
        await controlled.Widgets.CreateAsync("a", 1, Token);
        await controlled.Service.StartAsync(Token);
        await controlled.Service.FirstReconciled.WaitAsync(Token);

        var text = await controlled.ScrapeAsync(Token);

        foreach (var series in (string[])[
            "controller_runtime_reconcile_total{controller=\"widget\",result=\"success\"} 1",
            "controller_runtime_reconcile_errors_total{controller=\"widget\"} 0",
            "controller_runtime_reconcile_time_seconds_count{controller=\"widget\"} 1",
            "controller_runtime_active_workers{controller=\"widget\"} 0",
            "controller_runtime_max_concurrent_reconciles{controller=\"widget\"} 16",
            "workqueue_depth{name=\"widget\"} 0",
            "workqueue_adds_total{name=\"widget\"} 1",
            "workqueue_retries_total{name=\"widget\"} 0",
            "workqueue_queue_duration_seconds_count{name=\"widget\"} 1",
            "workqueue_work_duration_seconds_count{name=\"widget\"} 1",
            "workqueue_unfinished_work_seconds{name=\"widget\"} 0",
            "workqueue_longest_running_processor_seconds{name=\"widget\"} 0",
            $"rest_client_requests_total{{code=\"200\",method=\"GET\",host=\"{controlled.Proxy.Address.Authority}\"}}"])
            Assert.Contains(series, text, StringComparison.Ordinal);
    }

    private sealed class CountingFinalizer : IEntityFinalizer<Widget>
    {
        public string Identifier => "example.com/tests";

        public int Runs { get; private set; }

        public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken cancellationToken) => Task.FromResult(++Runs == 1
            ? ReconciliationResult<Widget>.Failure(entity, "not yet")
            : ReconciliationResult<Widget>.Success(entity));
    }
}
