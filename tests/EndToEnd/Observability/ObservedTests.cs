using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using HealthTrack.Contracts.Api;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>The dashboards and rules over a real Prometheus that scrapes a real HealthTrack.</summary>
public sealed partial class ObservedTests(ObservedHealthTrack observed) : IClassFixture<ObservedHealthTrack>
{
    // What is there only in a cluster, with Redis, with several locations, or once it has happened.
    private static readonly HashSet<string> NotInThisHouse =
    [
        "leader_election_master_status", "healthtrack_lease_transitions", "controller_runtime_reconcile_total", "controller_runtime_reconcile_errors_total", "workqueue_depth",
        "rest_client_requests_total", "healthtrack_status_writes_total", "healthtrack_watch_ends_total", "healthtrack_watch_unreadable_objects_total", "healthtrack_redis_up",
        "healthtrack_location_blind", "healthtrack_notifications_total", "healthtrack_worker_refusals_total",
    ];

    [Theory]
    [InlineData("compose")]
    [InlineData("prometheus-operator")]
    public async Task FleetOverview_EveryQuery_ReturnsSeries(string way) => await AllReturnAsync(GrafanaDashboard.Fleet, observed.Prometheus(way), ".*", ".*");

    [Theory]
    [InlineData("compose")]
    [InlineData("prometheus-operator")]
    public async Task ServiceDetail_EveryQuery_ReturnsSeries(string way) => await AllReturnAsync(GrafanaDashboard.Service, observed.Prometheus(way), "shop", "web");

    [Theory]
    [InlineData("compose")]
    [InlineData("prometheus-operator")]
    public async Task Variables_EveryQuery_OffersWhatIsMonitored(string way)
    {
        var prometheus = observed.Prometheus(way);
        foreach (var dashboard in GrafanaDashboard.All)
        {
            Assert.Equal(["shop"], await ValuesAsync(dashboard, "namespace", 1));
            Assert.Equal(ObservedHealthTrack.Services, await ValuesAsync(dashboard, "service", ObservedHealthTrack.Services.Count));
        }

        async Task<IReadOnlyList<string>> ValuesAsync(GrafanaDashboard dashboard, string name, int count)
        {
            var query = dashboard.Variables.Single(v => GrafanaDashboard.Text(v, "name") == name).GetProperty("query").GetProperty("query").GetString()!;
            var (match, label) = LabelValues().Match(query) is { Success: true } m ? (m.Groups[1].Value, m.Groups[2].Value) : throw new FormatException(query);
            return await Eventually.GetAsync(
                async () => await prometheus.LabelValuesAsync(label, match.Replace("$namespace", "shop", StringComparison.Ordinal)) is var values && values.Count == count ? values : null,
                $"{dashboard.Uid}: values of {name}", observed.Patience);
        }
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("prometheus-operator")]
    public async Task FleetTable_EveryColumn_HasOneRowAService(string way)
    {
        var prometheus = observed.Prometheus(way);
        await AllReturnAsync(GrafanaDashboard.Fleet, prometheus, ".*", ".*");

        foreach (var column in GrafanaDashboard.Fleet.Queries.Where(q => q.Format == "table"))
        {
            var rows = (await prometheus.QueryAsync(column.With(".*", ".*"))).Select(r => r.GetProperty("metric")).ToList();
            Assert.All(rows, r => Assert.Equal("shop", GrafanaDashboard.Text(r, "namespace")));
            var services = rows.Select(r => GrafanaDashboard.Text(r, "service")).Order().ToList();
            Assert.Equal(services.Distinct(), services);
            Assert.Subset(ObservedHealthTrack.Services.ToHashSet(), services.ToHashSet());
        }
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("prometheus-operator")]
    public async Task FleetCounts_AreThoseOfTheApi_HoweverManyTargetsTellOfThem(string way)
    {
        var (shown, truth) = ("", "");
        try
        {
            await Eventually.BeAsync(async () => (truth = await TruthAsync()) == (shown = await ShownAsync()), "the same counts", observed.Patience);
        }
        catch (TimeoutException)
        {
            Assert.Equal(truth, shown);
        }

        async Task<string> ShownAsync() =>
            $"{await ValueAsync("Services")} services, {await ValueAsync("Healthy")} healthy, {await ValueAsync("Issues")} issues, {await ValueAsync("Open alerts")} alerts, {await ValueAsync("Workers")} workers";

        async Task<double> ValueAsync(string title)
        {
            var query = GrafanaDashboard.Fleet.Queries.Single(q => q.Name.Contains($"/ {title} /", StringComparison.Ordinal));
            return await observed.Prometheus(way).QueryAsync(query.With(".*", ".*")) is [var only] ? Value(only) : double.NaN;
        }

        // What HealthTrack itself says: on a machine with much to do even the service that is well may have an alert.
        async Task<string> TruthAsync()
        {
            var rows = await observed.Api.GetFromJsonAsync<ServiceRow[]>("/services", ApiJson.Options, TestContext.Current.CancellationToken);
            var alerts = await observed.Api.GetFromJsonAsync<JsonElement>("/alerts?state=open", TestContext.Current.CancellationToken);
            if (alerts.GetArrayLength() < 2)
                return "not as far: two services fail";
            return $"{rows!.Length} services, {rows.Count(r => r.Health == "Healthy")} healthy, {rows.Count(r => r.Health is "Unhealthy" or "Degraded")} issues, {alerts.GetArrayLength()} alerts, 1 workers";
        }
    }

    [Theory]
    [InlineData("compose")]
    [InlineData("prometheus-operator")]
    public async Task Rules_AreEvaluatedWithoutAnErrorAndHaveValues(string way)
    {
        var prometheus = observed.Prometheus(way);
        List<string> open = [];
        try
        {
            await Eventually.BeAsync(async () => (open = await NotWellAsync(prometheus)).Count == 0, "all rules are well", observed.Patience);
        }
        catch (TimeoutException)
        {
            Assert.Empty(open);
        }
        Assert.Empty((await prometheus.QueryAsync("ALERTS{alertstate=\"firing\"}")).Select(a => GrafanaDashboard.Text(a.GetProperty("metric"), "alertname")));
    }

    [Fact]
    public async Task MetricNames_OfRulesAndDashboards_AreScraped()
    {
        var used = Expressions.All.SelectMany(MetricNames.Of).Distinct().Where(n => !NotInThisHouse.Contains(n)).ToList();
        List<string> missing = [];
        try
        {
            await Eventually.BeAsync(
                async () => (missing = [.. used.Except(await observed.Prometheus("compose").LabelValuesAsync("__name__"))]).Count == 0, "all names", observed.Patience);
        }
        catch (TimeoutException)
        {
            Assert.Empty(missing);
        }
        Assert.Empty((await observed.Prometheus("prometheus-operator").LabelValuesAsync("__name__")).Intersect(NotInThisHouse));
    }

    private async Task AllReturnAsync(GrafanaDashboard dashboard, PrometheusServer prometheus, string namespaces, string services)
    {
        var open = dashboard.Queries.ToList();
        Assert.NotEmpty(open);
        try
        {
            await Eventually.BeAsync(
                async () =>
                {
                    foreach (var query in open.ToList())
                    {
                        var text = query.With(namespaces, services);
                        var series = query.Instant ? await prometheus.QueryAsync(text) : await prometheus.QueryRangeAsync(text);
                        if (series.Count > 0 && series.Any(HasNumber))
                            open.Remove(query);
                    }
                    return open.Count == 0;
                },
                "series of all queries", observed.Patience);
        }
        catch (TimeoutException)
        {
            Assert.Empty(open.Select(q => $"{q.Name}: {q.With(namespaces, services)}"));
        }
    }

    private static async Task<List<string>> NotWellAsync(PrometheusServer prometheus)
    {
        var wrong = new List<string>();
        var rules = await prometheus.RulesAsync();
        foreach (var rule in rules)
        {
            var name = GrafanaDashboard.Text(rule, "name");
            if (GrafanaDashboard.Text(rule, "health") != "ok")
                wrong.Add($"{name}: {GrafanaDashboard.Text(rule, "health")} {GrafanaDashboard.Text(rule, "lastError")}");
            else if (GrafanaDashboard.Text(rule, "type") == "recording" && (await prometheus.QueryAsync(name)).Count == 0)
                wrong.Add($"{name}: no series");
        }
        return rules.Count > 0 ? wrong : ["no rules"];
    }

    private static bool HasNumber(JsonElement series) =>
        series.TryGetProperty("values", out var values) ? values.EnumerateArray().Any(v => IsNumber(v[1])) : IsNumber(series.GetProperty("value")[1]);

    private static bool IsNumber(JsonElement value) => value.GetString() != "NaN";

    private static double Value(JsonElement series) =>
        double.Parse(series.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^label_values\((.+), (\w+)\)$")]
    private static partial Regex LabelValues();
}
