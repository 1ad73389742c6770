using System.Globalization;
using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>What a newcomer sees: the program with <c>--demo</c>.</summary>
public sealed class DemoTests
{
    private static readonly string[] SummaryKeys =
    [
        "service_id", "service_name", "current_status", "avg_response_time_ms", "p95_response_time_ms", "p99_response_time_ms",
        "error_rate_percent", "uptime_percent_24h", "request_rate_rpm", "throughput_rps", "apdex_score", "checks_count", "last_check_timestamp",
    ];

    [Fact]
    public async Task Summary_OfTheDemo_FollowsFromItsChecks()
    {
        using var folder = new TemporaryFolder();
        await using var healthTrack = await HealthTrackProcess.StartAsync("--demo", "--data", folder["data"]);
        var recommendations = await healthTrack.WaitForAsync("recommendations", r => r.ChecksCount >= 12, seconds: 60);
        Assert.Equal("Checkout API", (await healthTrack.SummaryAsync(1)).GetProperty("service_name").GetString());

        // The summary and the checks are two questions: they are compared where no check came between.
        var (summary, checks) = await BetweenChecksAsync(healthTrack, recommendations.Id);

        Assert.Equal(SummaryKeys.Order(), summary.EnumerateObject().Select(p => p.Name).Order());
        var counted = checks.Where(c => c.Kind != "manual").ToList();
        var latencies = counted.Where(c => c.Status == "ok").Select(c => c.ResponseTimeMs).Order().ToList();
        var bad = counted.Count - latencies.Count;
        Assert.True(bad > 0, "the flaky target has failed at least once in twelve checks");
        Assert.Equal(counted.Count, summary.GetProperty("checks_count").GetInt32());
        Assert.Equal(counted[0].Status, summary.GetProperty("current_status").GetString());
        Assert.Equal(counted[0].Timestamp, summary.GetProperty("last_check_timestamp").GetDateTimeOffset());
        Equal(latencies.Average(), summary, "avg_response_time_ms");
        Equal(NearestRank(latencies, 0.95m), summary, "p95_response_time_ms");
        Equal(NearestRank(latencies, 0.99m), summary, "p99_response_time_ms");
        Equal(100.0 * bad / counted.Count, summary, "error_rate_percent");
        Equal(100.0 * latencies.Count / counted.Count, summary, "uptime_percent_24h");
        Equal((latencies.Count(l => l <= 1000) + latencies.Count(l => l is > 1000 and <= 4000) / 2.0) / counted.Count, summary, "apdex_score");
        Equal(summary.GetProperty("request_rate_rpm").GetDouble() / 60, summary, "throughput_rps");
    }

    private static async Task<(JsonElement Summary, CheckRow[] Checks)> BetweenChecksAsync(HealthTrackProcess healthTrack, long id)
    {
        while (true)
        {
            var before = await healthTrack.ChecksAsync(id);
            var summary = await healthTrack.SummaryAsync(id);
            var after = await healthTrack.ChecksAsync(id);
            if (before[0].Id == after[0].Id)
                return (summary, after);
        }
    }

    private static double NearestRank(List<double> sorted, decimal p) => sorted[(int)Math.Ceiling(p * sorted.Count) - 1];

    private static void Equal(double expected, JsonElement summary, string key) =>
        Assert.Equal(expected.ToString("G9", CultureInfo.InvariantCulture), summary.GetProperty(key).GetDouble().ToString("G9", CultureInfo.InvariantCulture));
}
