using System.Text.Json;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>config/grafana by itself: what Grafana would show wrongly or not at all without saying so.</summary>
public sealed class DashboardFileTests
{
    private const int Columns = 24;

    public static TheoryData<string> Uids => ["healthtrack-fleet", "healthtrack-service"];

    [Fact]
    public void Dashboards_AreTheTwoThatLinksName()
    {
        Assert.Equal(Uids.Select(u => u.Data), GrafanaDashboard.All.Select(d => d.Uid));
        Assert.Equal(GrafanaDashboard.All.Count, Repository.Files("config/grafana/dashboards", "*.json").Count);
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Panels_HaveIdsOfTheirOwnAndAPlaceOfTheirOwn(string uid)
    {
        var panels = Dashboard(uid).Panels;
        Assert.Equal(panels.Count, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());

        var taken = new Dictionary<(int X, int Y), string>();
        foreach (var panel in panels)
        {
            var at = panel.GetProperty("gridPos");
            var (x, y, w, h) = (at.GetProperty("x").GetInt32(), at.GetProperty("y").GetInt32(), at.GetProperty("w").GetInt32(), at.GetProperty("h").GetInt32());
            var title = GrafanaDashboard.Text(panel, "title");
            Assert.True(x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= Columns, $"{title} is outside the grid.");
            for (var column = x; column < x + w; column++)
            {
                for (var line = y; line < y + h; line++)
                    Assert.True(taken.TryAdd((column, line), title), $"{title} lies over {taken.GetValueOrDefault((column, line))}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Panels_EachOne_SaysWhatItShowsInWhichUnit(string uid) => Assert.All(Dashboard(uid).Charts, panel =>
    {
        Assert.NotEqual("", GrafanaDashboard.Text(panel, "title"));
        Assert.EndsWith(".", GrafanaDashboard.Text(panel, "description"), StringComparison.Ordinal);
        Assert.NotEqual("", GrafanaDashboard.Text(panel.GetProperty("fieldConfig").GetProperty("defaults"), "unit"));
    });

    [Theory]
    [MemberData(nameof(Uids))]
    public void Queries_EachOne_AsksTheChosenDataSource(string uid) => Assert.All(Dashboard(uid).Charts, panel =>
    {
        var targets = panel.GetProperty("targets").EnumerateArray().ToList();
        Assert.NotEmpty(targets);
        Assert.Equal(targets.Count, targets.Select(t => GrafanaDashboard.Text(t, "refId")).Distinct().Count());
        Assert.All(targets.Append(panel), t => Assert.Equal("${datasource}", GrafanaDashboard.Text(t.GetProperty("datasource"), "uid")));
    });

    [Theory]
    [MemberData(nameof(Uids))]
    public void Rates_EachOne_TakesItsIntervalFromGrafana(string uid) => Assert.All(
        Dashboard(uid).Queries.Where(q => q.Expression.Contains("rate(", StringComparison.Ordinal)),
        q => Assert.Contains("[$__rate_interval]", q.Expression, StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Uids))]
    public void Dashboard_HasItsVariablesAndLinks(string uid)
    {
        var dashboard = Dashboard(uid);
        Assert.Equal(["datasource", "namespace", "service", "healthtrack"], dashboard.Variables.Select(v => GrafanaDashboard.Text(v, "name")));
        Assert.InRange(dashboard.Json.GetProperty("schemaVersion").GetInt32(), 39, 41);
        Assert.Equal(JsonValueKind.Null, dashboard.Json.GetProperty("id").ValueKind);

        var other = Uids.Select(u => u.Data).Single(u => u != uid);
        Assert.Equal([$"/d/{other}", "${healthtrack}/"], dashboard.Json.GetProperty("links").EnumerateArray().Select(l => GrafanaDashboard.Text(l, "url")));
        // Below /grafana/ of the dashboard and without it, the address leads to the root of the host.
        var home = dashboard.Variables.Single(v => GrafanaDashboard.Text(v, "name") == "healthtrack").GetProperty("query").GetString() + "/";
        foreach (var page in (string[])["/grafana/", $"/grafana/d/{uid}", $"/grafana/d/{uid}/name", $"/d/{uid}/name"])
            Assert.Equal("/", new Uri(new Uri(new Uri("https://healthtrack.example"), page), home).AbsolutePath);
    }

    [Fact]
    public void FleetTable_LinksToTheServiceOfItsRow()
    {
        var links = Links(GrafanaDashboard.Fleet.Json).ToList();
        Assert.Contains(links, l => l.Contains("var-namespace=${__data.fields.Namespace}&var-service=${__data.fields.Service}", StringComparison.Ordinal));
        Assert.All(links, l => Assert.StartsWith("/d/healthtrack-service?", l, StringComparison.Ordinal));
    }

    [Fact]
    public void Provisioning_NamesTheDataSourceAndTheFolder()
    {
        var source = Rule.Document(Repository.At("config/grafana/provisioning/datasources/prometheus.yaml"))["datasources"][0];
        Assert.Equal(("healthtrack-prometheus", "prometheus", "http://prometheus:9090"), ((string)source["uid"]!, (string)source["type"]!, (string)source["url"]!));
        // $__rate_interval is four of these: right only if it is what Prometheus does.
        Assert.Equal(
            (string)Rule.Document(Repository.At("config/prometheus/prometheus.yml"))["global"]["scrape_interval"]!, (string)source["jsonData"]["timeInterval"]!);
        var provider = Rule.Document(Repository.At("config/grafana/provisioning/dashboards/healthtrack.yaml"))["providers"][0];
        Assert.Equal("/var/lib/grafana/dashboards", (string)provider["options"]["path"]!);
    }

    private static GrafanaDashboard Dashboard(string uid) => GrafanaDashboard.All.Single(d => d.Uid == uid);

    // The links of fields, wherever they are declared.
    private static IEnumerable<string> Links(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p =>
            p.Name == "url" && p.Value.GetString()!.Contains("var-namespace", StringComparison.Ordinal) ? [p.Value.GetString()!] : Links(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Links),
        _ => [],
    };
}
