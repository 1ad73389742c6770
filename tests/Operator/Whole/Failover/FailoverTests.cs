using System.Text.Json.Nodes;

namespace HealthTrack.Operator.Tests.Whole.Failover;

/// <summary>Everything that can die dies in turn: no check is lost but those that a killed worker took along. Runs alone: what is late is missed.</summary>
[CollectionDefinition(nameof(FailoverTests), DisableParallelization = true)]
public sealed class FailoverTestsRunAlone;

[Collection(nameof(FailoverTests))]
public sealed class FailoverTests
{
    [Fact]
    public async Task Run_EverythingDiesInTurn_EveryDueCheckIsThereOnce()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var target = await StubTarget.StartAsync(stop);
        await using var system = new FailoverSystem();
        await system.StartAsync(
            new FailoverPrograms(
                Path.Combine(AppContext.BaseDirectory, "healthtrack-operator.dll"), Path.Combine(AppContext.BaseDirectory, "healthtrack-probe.dll")),
            stop);
        var plan = new FailoverPlan
        {
            Monitors = 200, Interval = TimeSpan.FromSeconds(6), Between = TimeSpan.FromSeconds(10), Away = TimeSpan.FromSeconds(12), Target = target.Url,
        };

        var outcome = await new FailoverRun(system, plan, TestContext.Current.SendDiagnosticMessage).RunAsync(stop);

        Assert.True(outcome.Account is { Missing.Count: 0, Unexpected.Count: 0 }, $"{outcome.Account}\n{system.Tails()}");
        // What is missing is unknown, not bad.
        Assert.All(JsonNode.Parse(outcome.Services)!.AsArray(), row => Assert.Equal(100.0, (double)row!["uptime_percent_24h"]!));
    }
}
