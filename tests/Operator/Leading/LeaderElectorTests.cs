using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Tests.Cluster;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Operator.Tests.Leading;

/// <summary>The election over a real API server.</summary>
public sealed class LeaderElectorTests(KubernetesApiServer server) : IAsyncLifetime
{
    private readonly SharedEpoch _database = new();
    private string _ns = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _ns = await server.CreateNamespaceAsync(Token);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Start_Three_OneLeadsAndTheOthersNameIt()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await using var c = await StartAsync();
        Elected[] all = [a, b, c];
        await Eventually.True(() => all.Any(e => e.Leads), "one leads", Token);
        var leader = all.Single(e => e.Leads);

        await Eventually.True(() => all.All(e => e.Elector.Leader == leader.Options.Identity), "all know who", Token);
        await RenewedAsync(leader, 2);
        Assert.Single(all, e => e.Leads);
        Assert.Equal(1, _database.Value);
        var spec = (await Elected.LeaseAsync(server, _ns, Token))["spec"]!;
        Assert.Equal((leader.Options.Identity, 10), ((string?)spec["holderIdentity"], (int)spec["leaseDurationSeconds"]!));
        Assert.Equal(1, await MasterAsync(leader));
        Assert.Equal(0, await MasterAsync(all.First(e => e != leader)));
    }

    [Fact]
    public async Task Stop_Leader_HandsOverWithoutWaitingForTheLease()
    {
        await using var first = await StartAsync();
        await first.UntilLeadsAsync(Token);
        await using var second = await StartAsync();
        await Eventually.True(() => second.Elector.Leader == first.Options.Identity, "the standby knows", Token);

        await first.StopAsync();
        var asked = second.Proxy.Requests.Count;
        await second.UntilLeadsAsync(Token);

        // Its next look, or the one after where the first was under way: no waiting for ten seconds, which are five looks and more.
        Assert.InRange(second.Proxy.Requests.Skip(asked).TakeWhile(r => r.StartsWith("GET", StringComparison.Ordinal)).Count(), 0, 2);
        Assert.Equal(1, (int)(await Elected.LeaseAsync(server, _ns, Token))["spec"]!["leaseTransitions"]!);
        Assert.False(first.IsLost);
    }

    [Fact]
    public async Task Run_LeaderCutOffFromTheApiServer_GoesOnUntilTheStoreIsAnothers()
    {
        await using var first = await StartAsync();
        await first.UntilLeadsAsync(Token);
        first.CutOff();
        await Eventually.True(() => !first.Elector.IsHeld && first.Elector.Problem is not null, "it counts on its lease no more, and says why", Token);
        Assert.True(first.Leads);

        await using var second = await StartAsync();
        await second.UntilLeadsAsync(Token);
        Assert.Equal(2, _database.Value);
        await first.UntilLostAsync(Token);
        Assert.Contains("took the database over", first.Elector.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CutOffAndBackBeforeAnotherCame_LeadsOn()
    {
        await using var only = await StartAsync();
        await only.UntilLeadsAsync(Token);
        only.Proxy.Fault = context => FaultyProxy.RefuseAsync(context, 500, "InternalError");
        await Eventually.True(() => !only.Elector.IsHeld, "it counts on its lease no more", Token);

        only.Proxy.Fault = null;
        await Eventually.True(() => only.Elector is { IsHeld: true, Problem: null }, "renewed", Token);
        Assert.True(only.Leads);
        Assert.Equal(1, _database.Value);
    }

    [Fact]
    public async Task Run_CutOffFromBoth_LeadsNoMore()
    {
        await using var only = await StartAsync();
        await only.UntilLeadsAsync(Token);
        _database.Away = true;
        await RenewedAsync(only, 2);
        Assert.True(only.Leads);

        only.CutOff();
        await only.UntilLostAsync(Token);
        Assert.Contains("Neither", only.Elector.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ApiServerStillAskedAtTheDeadline_LeadsNoMoreAtTheDeadline()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var only = await Elected.StartAsync(server, _ns, new IdleStore(), Token, time);
        await only.UntilLeadsAsync(Token);
        only.CutOff();
        var asked = only.Proxy.Requests.Count;
        var looks = 0;
        await Eventually.True(
            () =>
            {
                // To the next try, and then so slowly that a thread that is seconds late has begun it long before the deadline.
                if (++looks <= 20 || looks % 20 == 0)
                    time.Advance(TimeSpan.FromMilliseconds(100));
                return only.Proxy.Requests.Count > asked;
            },
            "it asks, and nobody answers", Token);
        Assert.True(only.Leads);

        // Less than its try may take: what it was renewed with ends before.
        for (var i = 0; i < 2 && only.Elector.IsHeld; i++)
        {
            time.Advance(TimeSpan.FromSeconds(3.6));
            if (only.Elector.IsHeld)
                await Eventually.True(() => only.Elector.Problem is not null, "the try was given up", Token);
        }
        // The clock stands still from here on, so that no try ends by its own limit; the HTTP client's is another half a minute away.
        await only.UntilLostAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Contains("could not be renewed within 7 s", only.Elector.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StoreOfOneProcessAndApiServerAway_LeadsNoMore()
    {
        await using var only = await Elected.StartAsync(server, _ns, new IdleStore(), Token);
        await only.UntilLeadsAsync(Token);
        only.CutOff();
        await only.UntilLostAsync(Token);
        Assert.Contains("could not be renewed", only.Elector.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LeaseStolen_LeadsNoMoreAtOnce()
    {
        await using var only = await StartAsync();
        await only.UntilLeadsAsync(Token);
        await PatchAsync("""{"spec":{"holderIdentity":"thief"}}""");
        await only.UntilLostAsync(Token);
        Assert.Contains("thief", only.Elector.Problem, StringComparison.Ordinal);
        await only.StopAsync();
        Assert.Equal("thief", (string?)(await Elected.LeaseAsync(server, _ns, Token))["spec"]!["holderIdentity"]);
    }

    [Fact]
    public async Task Run_EpochRaisedByAnotherProcess_LeadsNoMoreAndLeavesTheLease()
    {
        await using var only = await StartAsync();
        await only.UntilLeadsAsync(Token);
        _database.Raise();
        await only.UntilLostAsync(Token);
        Assert.False(only.Elector.IsHeld);
        await only.StopAsync();
        Assert.Equal("", (string?)(await Elected.LeaseAsync(server, _ns, Token))["spec"]!["holderIdentity"]);
    }

    [Fact]
    public async Task Run_LeaseDeletedByHand_IsMadeAnew()
    {
        await using var only = await StartAsync();
        await only.UntilLeadsAsync(Token);
        var uid = (string?)(await Elected.LeaseAsync(server, _ns, Token))["metadata"]!["uid"];
        using (var deleted = await server.Admin.DeleteAsync(Elected.LeasePath(_ns), Token))
            deleted.EnsureSuccessStatusCode();

        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await server.Admin.GetAsync(Elected.LeasePath(_ns), Token);
                return answer.IsSuccessStatusCode && (string?)(await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!["metadata"]!["uid"] != uid;
            },
            "a new Lease",
            Token);
        Assert.True(only.Leads);
    }

    [Fact]
    public async Task Run_ConflictOnARenewal_TriesAgain()
    {
        await using var only = await StartAsync();
        await only.UntilLeadsAsync(Token);
        var conflicts = 0;
        only.Proxy.Fault = context => context.Request.Method == "PUT" && Interlocked.Increment(ref conflicts) <= 2
            ? FaultyProxy.RefuseAsync(context, 409, "Conflict")
            : Task.FromResult(false);
        await Eventually.True(() => Volatile.Read(ref conflicts) > 2, "two conflicts and a renewal", Token);
        Assert.True(only.Leads);
    }

    [Fact]
    public async Task Start_StoreAwayAndThenBack_LeadsWhenItHasTheStore()
    {
        _database.Away = true;
        await using var only = await StartAsync();
        await RenewedAsync(only, 3);
        Assert.False(only.Leads);
        Assert.Null(only.Elector.Leader);
        _database.Away = false;
        await only.UntilLeadsAsync(Token);
    }

    [Fact]
    public async Task Start_StoreOfANewerVersion_StandbyWaitsAndOnlyTheElectedEnds()
    {
        await using var leader = await StartAsync();
        await leader.UntilLeadsAsync(Token);
        _database.Refuses = "It was written by a newer version.";
        await using var standby = await StartAsync();
        await Eventually.True(() => standby.Elector.Leader == leader.Options.Identity, "the standby knows", Token);
        Assert.False(standby.IsLost);

        await leader.StopAsync();
        await standby.UntilLostAsync(Token);
        Assert.Equal(_database.Refuses, standby.Elector.Problem);
        Assert.False(standby.Elector.Elected.IsCompleted);
    }

    [Fact]
    public async Task Start_HolderWithAClockOfItsOwn_IsTimedByItsChangesAlone()
    {
        // One that says it will renew in the year 2100, and one that last did in 1990: a holder that goes on is there, whatever it says.
        await server.PostAsync(
            $"/apis/coordination.k8s.io/v1/namespaces/{_ns}/leases",
            JsonNode.Parse("""{"metadata":{"name":"healthtrack"},"spec":{"holderIdentity":"other","leaseDurationSeconds":10,"renewTime":"2100-01-01T00:00:00.000000Z"}}""")!, Token);
        await using var only = await StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await PatchAsync($$"""{"spec":{"renewTime":"1990-01-01T00:00:0{{i}}.000000Z"} }""");
            var asked = only.Proxy.Requests.Count;
            await Eventually.True(() => only.Proxy.Requests.Count >= asked + 2, "looked at again", Token);
            Assert.False(only.Leads);
        }
        await only.UntilLeadsAsync(Token);
    }

    [Fact]
    public async Task Run_WallClocksJump_NothingHappens()
    {
        var (ahead, behind) = (new JumpingClock(), new JumpingClock());
        await using var leader = await Elected.StartAsync(server, _ns, new SharedStore(_database), Token, ahead);
        await leader.UntilLeadsAsync(Token);
        await using var standby = await Elected.StartAsync(server, _ns, new SharedStore(_database), Token, behind);
        foreach (var jump in (double[])[1, -3])
        {
            ahead.Offset = TimeSpan.FromDays(jump);
            behind.Offset = TimeSpan.FromDays(-jump);
            await RenewedAsync(leader, 2);
            Assert.True(leader is { Leads: true, Elector.IsHeld: true });
            Assert.False(standby.Leads);
        }
    }

    private Task<Elected> StartAsync() => Elected.StartAsync(server, _ns, new SharedStore(_database), Token);

    private static async Task RenewedAsync(Elected leader, int times)
    {
        var before = leader.Proxy.Requests.Count(r => r.StartsWith("PUT", StringComparison.Ordinal));
        await Eventually.True(() => leader.Proxy.Requests.Count(r => r.StartsWith("PUT", StringComparison.Ordinal)) >= before + times, "renewed", Token);
    }

    private async Task PatchAsync(string patch)
    {
        using var content = new StringContent(patch, Encoding.UTF8, "application/merge-patch+json");
        using var answer = await server.Admin.PatchAsync(Elected.LeasePath(_ns), content, Token);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<double> MasterAsync(Elected of)
    {
        using var stream = new MemoryStream();
        await of.Registry.CollectAndExportAsTextAsync(stream, Token);
        var line = Encoding.UTF8.GetString(stream.ToArray()).Split('\n').Single(l => l.StartsWith("leader_election_master_status{", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class JumpingClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
    }
}
