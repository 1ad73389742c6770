using System.Net;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Tests.Support;

/// <summary>Assignments, and a checker put together as the hosts do.</summary>
internal static class Checks
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Assignment Assignment(CheckSpec check, TimeSpan? timeout = null, params (SecretRef, string)[] secrets) => new()
    {
        Uid = "uid-1",
        Key = new MonitorKey("default", "shop"),
        Generation = 7,
        Location = "default",
        Interval = TimeSpan.FromMinutes(1),
        Timeout = timeout ?? Patience,
        Check = check,
        Secrets = secrets.ToDictionary(s => s.Item1, s => s.Item2),
    };

    public static HttpChecker Checker(EgressPolicy? egress = null, NameResolver? resolver = null, string? bundle = null) => new(
        new Connector(resolver ?? new NameResolver(), egress ?? new EgressPolicy(false, [], []), new TlsHandshake(TimeProvider.System)),
        new TlsMaterial(bundle));

    public static async Task<ExplainedResult> RunAsync(this HttpChecker checker, Assignment assignment)
    {
        var explain = new ExplanationBuilder();
        var result = await checker.CheckAsync(
            assignment, new CheckMoment(1000, 1003, CheckKind.Manual, "worker-1"), explain, TestContext.Current.CancellationToken);
        return explain.Build(result);
    }

    public static Task<ExplainedResult> RunAsync(HttpCheck check, TimeSpan? timeout = null) => Checker().RunAsync(Assignment(check, timeout));

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        // Most conditions hold after a few turns of the pool; only then is it worth a timer.
        for (var i = 0; i < 100 && !condition(); i++)
            await Task.Yield();
        if (condition())
            return;
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"waited in vain for: {what}");
            await Task.Delay(2, CancellationToken.None);
        }
    }

    public static IPNetwork[] Ranges(params string[] cidrs) => [.. cidrs.Select(c => IPNetwork.Parse(c))];
}
