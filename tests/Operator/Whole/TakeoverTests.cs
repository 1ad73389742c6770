using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using HealthTrack.Engine.Tests.Storage;
using HealthTrack.Operator.Tests.Cluster;
using Npgsql;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>Two operators of one cluster on one database, as the ServiceAccount of config/rbac.</summary>
public sealed class TakeoverTests(KubernetesApiServer server) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("healthtrack-").FullName;
    private PostgresInstance _postgres = null!;
    private string _kubeconfig = "";
    private string _ns = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ns = await server.CreateNamespaceAsync(Token);
        await server.AllowElectionAsync(_ns, Token);
        _kubeconfig = server.Kubeconfig(await server.OperatorTokenAsync(Token));
        _postgres = await PostgresInstance.StartNewAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Kill_Leader_TheStandbyGoesOnWithTheSameIdsHealthAndHistory()
    {
        await using var good = await StubTarget.StartAsync(Token);
        await using var bad = await StubTarget.StartAsync(Token);
        bad.Status = 500;
        await ApplyAsync("good", good.Url);
        await ApplyAsync("bad", bad.Url);
        await using var leader = await StartAsync();
        await UntilLeadsAsync(leader);
        await using var standby = await StartAsync();
        await UntilStandbyAsync(standby);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await standby.AnswerAsync("/leaderz", Token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await standby.AnswerAsync("/healthz", Token)).Status);
        var refused = await standby.AnswerAsync("/services", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains(await HolderAsync(), refused.Body, StringComparison.Ordinal);
        var metrics = (await standby.AnswerAsync("/metrics", Token)).Body;
        Assert.Contains("leader_election_master_status{name=\"healthtrack\"} 0", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("healthtrack_monitor_info", metrics, StringComparison.Ordinal);
        // It watches, and does nothing about what it sees.
        Assert.Contains("healthtrack_watch_lists_total{resource=\"servicemonitors.sre.healthtrack.io\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("controller_runtime_reconcile_total{controller=\"servicemonitor\",result=\"success\"} 0", metrics, StringComparison.Ordinal);
        var before = await UntilCheckedAsync(leader);

        await leader.KillAsync(Token);
        await UntilLeadsAsync(standby);
        var after = await UntilCheckedAsync(standby);
        foreach (var (name, was) in before)
        {
            Assert.Equal((was.Id, was.Health), (after[name].Id, after[name].Health));
            Assert.Equal(was.Checks, after[name].Checks.Take(was.Checks.Count));
            Assert.Equal(after[name].Checks.Count, after[name].Checks.Distinct().Count());
        }
        Assert.Equal(2L, await SqlAsync("select epoch from leader_epoch"));
        var (asked, stored) = (good.Requests, await SqlAsync("select count(*) from checks"));
        await Eventually.TrueAsync(async () => good.Requests > asked && (long)await SqlAsync("select count(*) from checks") > (long)stored, "checks are made and stored", Token);
    }

    [Fact]
    public async Task Freeze_LeaderThatComesBackAfterTheTakeover_WritesNothingAndEnds()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await ApplyAsync("shop", target.Url, failureThreshold: 1);
        await using var proxy = await FaultyProxy.StartAsync(server, Token);
        await using var old = await StartAsync("old", server.Kubeconfig(await server.OperatorTokenAsync(Token), proxy.Address));
        await UntilLeadsAsync(old);
        await UntilCheckedAsync(old);
        await using var standby = await StartAsync("new");
        await UntilStandbyAsync(standby);

        await old.SignalAsync("STOP", Token);
        await UntilLeadsAsync(standby);
        // The old one would find a change that it has to write, and a result that it has to store.
        target.Status = 500;
        await Eventually.TrueAsync(async () => (await StatusAsync("shop"))?["health"]?.ToString() == "Unhealthy", "the new leader says so", Token);
        await SqlAsync("""
            create table writers (name text);
            create function note() returns trigger language plpgsql as 'begin insert into writers values (current_setting(''application_name'')); return null; end';
            create trigger note_checks after insert or update on checks for each statement execute function note();
            create trigger note_monitors after insert or update on monitors for each statement execute function note();
            select 0
            """);
        var (requests, holder) = (proxy.Requests.Count, await HolderAsync());
        await old.SignalAsync("CONT", Token);

        var (code, errors) = await old.ExitAsync(Token);
        Assert.Equal(1, code);
        Assert.Contains("another process", errors, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (long)await SqlAsync("select count(*) from writers where name = 'new'") > 0, "the new leader writes", Token);
        Assert.Equal(0L, await SqlAsync("select count(*) from writers where name = 'old'"));
        // Frozen between reading the Lease and renewing it, it still tries; the API server knows that what it read is old.
        var others = proxy.Requests.Skip(requests).Where(r => !(r.StartsWith("PUT", StringComparison.Ordinal) && r.Contains("/leases/", StringComparison.Ordinal)));
        Assert.All(others, request => Assert.StartsWith("GET", request, StringComparison.Ordinal));
        Assert.Equal(holder, await HolderAsync());
        Assert.Equal(2L, await SqlAsync("select epoch from leader_epoch"));
        Assert.Equal(HttpStatusCode.OK, (await standby.AnswerAsync("/leaderz", Token)).Status);
    }

    [Fact]
    public async Task Stop_Leader_HandsOverAndEndsInOrder()
    {
        await using var leader = await StartAsync();
        await UntilLeadsAsync(leader);
        await using var standby = await StartAsync();
        await UntilStandbyAsync(standby);

        await leader.SignalAsync("TERM", Token);
        var (code, errors) = await leader.ExitAsync(Token);
        Assert.Equal((0, ""), (code, errors));
        await UntilLeadsAsync(standby);
    }

    private Task<OperatorProcess> StartAsync(string name = "operator", string? kubeconfig = null) => OperatorProcess.StartAsync(
        Token, "--kubeconfig", kubeconfig ?? _kubeconfig, "--namespaces", _ns, "--lease-namespace", _ns,
        "--storage", new NpgsqlConnectionStringBuilder(Settings().ConnectionString) { ApplicationName = name }.ConnectionString);

    private NpgsqlConnectionStringBuilder Settings() => new()
    {
        Host = "127.0.0.1", Port = _postgres.Port, Username = PostgresInstance.User, Password = PostgresInstance.Password, Database = "postgres",
    };

    private static Task UntilLeadsAsync(OperatorProcess running) =>
        Eventually.TrueAsync(async () => (await running.AskAsync("/leaderz", Token))?.Status == HttpStatusCode.OK, "it leads", Token);

    private static Task UntilStandbyAsync(OperatorProcess running) => Eventually.TrueAsync(
        async () => await running.AskAsync("/readyz", Token) is (HttpStatusCode.OK, var body) && (string?)JsonNode.Parse(body)!["status"] == "standby", "it is a standby", Token);

    private static async Task<IReadOnlyDictionary<string, Seen>> UntilCheckedAsync(OperatorProcess running)
    {
        var seen = new Dictionary<string, Seen>();
        await Eventually.TrueAsync(
            async () =>
            {
                seen.Clear();
                foreach (var row in await running.GetAsync("/services", Token))
                {
                    var checks = await running.GetAsync($"/services/{row!["id"]}/checks?limit=1000", Token);
                    seen[(string)row["name"]!] = new Seen((long)row["id"]!, (string)row["health"]!, [.. checks.Reverse().Select(c => c!.ToJsonString())]);
                }
                return seen.Count > 0 && seen.Values.All(s => s.Checks.Count >= 4 && s.Health is "Healthy" or "Unhealthy");
            },
            "all are checked",
            Token);
        return seen;
    }

    private async Task<string> HolderAsync() => (await server.KubectlAsync("get", "lease", "healthtrack", "-n", _ns, "-o", "jsonpath={.spec.holderIdentity}")).Trim();

    private async Task<JsonNode?> StatusAsync(string name) => JsonNode.Parse(await server.KubectlAsync("get", "htm", name, "-n", _ns, "-o", "json"))!["status"];

    private async Task<object> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Settings().ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync(Token))!;
    }

    private async Task ApplyAsync(string name, string url, int failureThreshold = 2)
    {
        var file = Path.Combine(_folder, $"{name}.json");
        await File.WriteAllTextAsync(
            file,
            string.Create(CultureInfo.InvariantCulture, $$"""
                {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{name}}","namespace":"{{_ns}}"},
                "spec":{"http":{"url":"{{url}}"},"interval":"1s","failureThreshold":{{failureThreshold}}} }
                """),
            Token);
        await server.ApplyAsync(file);
    }

    private sealed record Seen(long Id, string Health, IReadOnlyList<string> Checks);
}
