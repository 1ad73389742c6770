using System.Globalization;
using System.Text.Json.Nodes;
using HealthTrack.Engine.Tests.Storage;
using HealthTrack.Operator.Tests.Cluster;
using Npgsql;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>The program killed in the middle of its work and started again, over each store.</summary>
public sealed class CrashTests(KubernetesApiServer server) : IAsyncLifetime
{
    private const int ChecksBefore = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("healthtrack-").FullName;
    private string _kubeconfig = "";
    private string _ns = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ns = await server.CreateNamespaceAsync(Token);
        await server.AllowElectionAsync(_ns, Token);
        _kubeconfig = server.Kubeconfig(await server.OperatorTokenAsync(Token));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Start_KilledOverPostgres_GoesOnWhereItWas()
    {
        await using var postgres = await PostgresInstance.StartNewAsync(Token);
        await GoesOnWhereItWasAsync(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = postgres.Port, Username = PostgresInstance.User, Password = PostgresInstance.Password, Database = "postgres",
        }.ConnectionString);
    }

    [Fact]
    public Task Start_KilledOverSqlite_GoesOnWhereItWas() => GoesOnWhereItWasAsync($"sqlite:{Path.Combine(_folder, "healthtrack.db")}");

    private async Task GoesOnWhereItWasAsync(string storage)
    {
        await using var good = await StubTarget.StartAsync(Token);
        await using var bad = await StubTarget.StartAsync(Token);
        bad.Status = 500;
        await ApplyAsync("good", good.Url, ChecksBefore); // One late answer is no matter here.
        // One that turned only after several checks: it would be Unknown or Healthy for as many again if the past were forgotten.
        await ApplyAsync("turned", bad.Url, ChecksBefore);

        IReadOnlyDictionary<string, Seen> before;
        await using (var first = await StartAsync(storage))
        {
            before = await UntilAsync(first, seen => seen.Count == 2 && seen.Values.All(s => s.Checks.Count > ChecksBefore));
            await first.KillAsync(Token);
        }
        Assert.Equal(("Healthy", "Unhealthy"), (before["good"].Health, before["turned"].Health));

        var served = good.Requests;
        await using var second = await StartAsync(storage);
        var after = await UntilAsync(second, seen => seen.Count == 2);
        foreach (var (name, was) in before)
        {
            var now = after[name];
            Assert.Equal(was.Id, now.Id);
            Assert.Equal(was.Health, now.Health);
            // Not a row of what was shown is missing or another; what was under way when it was killed may have come after.
            Assert.Equal(was.Checks, now.Checks.Take(was.Checks.Count));
            Assert.Equal(now.Checks.Count, now.Checks.Distinct().Count());
        }

        await Eventually.True(() => good.Requests > served, "checks go on", Token);
    }

    private Task<OperatorProcess> StartAsync(string storage) =>
        OperatorProcess.StartAsync(Token, "--kubeconfig", _kubeconfig, "--namespaces", _ns, "--lease-namespace", _ns, "--storage", storage);

    // The first look at which each window says what the stored checks say, which is checked here: a check may come between the two answers.
    private static async Task<IReadOnlyDictionary<string, Seen>> UntilAsync(OperatorProcess running, Func<IReadOnlyDictionary<string, Seen>, bool> condition)
    {
        IReadOnlyDictionary<string, Seen> seen = new Dictionary<string, Seen>();
        await Eventually.TrueAsync(
            async () =>
            {
                seen = await LookAsync(running);
                return condition(seen) && seen.Values.All(s => s.Window == Window.Of(s.Checks));
            },
            "the windows say what the history says",
            Token);
        return seen;
    }

    private static async Task<IReadOnlyDictionary<string, Seen>> LookAsync(OperatorProcess running)
    {
        var seen = new Dictionary<string, Seen>();
        foreach (var row in await running.GetAsync("/services", Token))
        {
            var checks = await running.GetAsync($"/services/{row!["id"]}/checks?limit=1000", Token);
            seen[(string)row["name"]!] = new Seen(
                (long)row["id"]!,
                (string)row["health"]!,
                new Window(
                    (int)row["checks_count"]!, (double?)row["error_rate_percent"] ?? 0, (double?)row["uptime_percent_24h"] ?? 0,
                    Rounded((double?)row["avg_response_time_ms"])),
                [.. checks.Reverse().Select(check => check!.ToJsonString())]);
        }
        return seen;
    }

    private async Task ApplyAsync(string name, string url, int failureThreshold)
    {
        var file = Path.Combine(_folder, $"{name}.json");
        await File.WriteAllTextAsync(
            file,
            string.Create(CultureInfo.InvariantCulture, $$"""
                {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{name}}","namespace":"{{_ns}}"},
                "spec":{"http":{"url":"{{url}}"},"interval":"1s","failureThreshold":{{failureThreshold}} } }
                """),
            Token);
        await server.ApplyAsync(file);
    }

    private static double Rounded(double? milliseconds) => Math.Round(milliseconds ?? 0, 6);

    private sealed record Seen(long Id, string Health, Window Window, IReadOnlyList<string> Checks);

    private readonly record struct Window(int Checks, double ErrorRate, double Uptime, double Average)
    {
        // All bad or none: percentages without rounding.
        public static Window Of(IReadOnlyList<string> checks)
        {
            var rows = checks.Select(check => JsonNode.Parse(check)!).ToList();
            var good = rows.Where(row => (string)row["status"]! == "ok").ToList();
            var bad = rows.Count(row => (string)row["status"]! is "error" or "down");
            var share = rows.Count == 0 ? 0 : 100.0 * bad / rows.Count;
            return new(rows.Count, share, 100 - share, Rounded(good.Count == 0 ? null : good.Average(row => (double)row["response_time_ms"]!)));
        }
    }
}
