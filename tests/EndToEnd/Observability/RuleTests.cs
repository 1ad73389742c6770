using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>config/prometheus by itself.</summary>
public sealed partial class RuleTests
{
    [Fact]
    public async Task Configuration_IsAsPromtoolWantsIt() => await PassesAsync("check", "config", "prometheus.yml");

    [Fact]
    public async Task Rules_AreAsPromtoolWantsThem() => await PassesAsync(
        ["check", "rules", "--lint=all", "--lint-fatal", .. Repository.Files("config/prometheus/rules", "*.yaml"), .. Repository.Files("config/prometheus/optional", "*.yaml")]);

    [Fact]
    public async Task Rules_UnitTests_Pass() => await PassesAsync(["test", "rules", .. Repository.Files("config/prometheus/tests", "*.yaml")]);

    [Fact]
    public void Alerts_EachOne_IsTestedFiringAndNotFiring()
    {
        var tried = Repository.Files("config/prometheus/tests", "*.yaml").SelectMany(Tried).ToLookup(t => t.Alert, t => t.Fires);

        Assert.All(Rule.All.Select(r => r.Alert).OfType<string>(), alert => Assert.Equal([false, true], tried[alert].Distinct().Order()));
    }

    [Fact]
    public void Alerts_EachOne_SaysWhatItIsAndWhatToDo()
    {
        var alerts = Rule.All.Where(r => r.Alert is not null).ToList();
        Assert.Equal(alerts.Count, alerts.Select(r => r.Alert).Distinct().Count());
        Assert.All(alerts, rule =>
        {
            Assert.StartsWith(rule.File == "services.yaml" ? "Service" : "HealthTrack", rule.Alert, StringComparison.Ordinal);
            Assert.Contains(rule.Labels["severity"], (string[])["critical", "warning"]);
            Assert.EndsWith(".", rule.Annotations["summary"], StringComparison.Ordinal);
            Assert.InRange(rule.Annotations["summary"].Length, 10, 120);
            Assert.EndsWith(".", rule.Annotations["description"], StringComparison.Ordinal);
            Assert.InRange(rule.Annotations["description"].Length, 20, 500);
        });
    }

    [Fact]
    public void MetricNames_OfRulesAndDashboards_AreDocumentedAndExported()
    {
        var pages = string.Concat(((string[])["metrics", "operator", "events"]).Select(page => File.ReadAllText(Repository.At($"docs/{page}.md"))));
        var source = string.Concat(Repository.Files("src", "*.cs").Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        var families = Expressions.All.SelectMany(MetricNames.Of).Select(MetricNames.Family).Distinct().ToList();
        Assert.True(families.Count > 30, string.Join(", ", families));

        // The runtime's are prometheus-net's; ObservedTests sees them scraped.
        Assert.All(families.Where(n => !n.StartsWith("process_", StringComparison.Ordinal)), name =>
        {
            Assert.True(Regex.IsMatch(pages, $@"`{name}[`{{]"), $"{name} is documented in none of docs/metrics.md, docs/operator.md and docs/events.md.");
            Assert.True(source.Contains($"\"{name}\"", StringComparison.Ordinal), $"{name} is exported by no code.");
        });
        Assert.Contains("`process_*`", pages, StringComparison.Ordinal);
    }

    private static async Task PassesAsync(params string[] arguments)
    {
        var (exitCode, said) = await PrometheusTools.PromtoolAsync(arguments);
        Assert.True(exitCode == 0, said);
    }

    // The alerts that a file of unit tests asks for, each with whether it is to fire.
    private static IEnumerable<(string Alert, bool Fires)> Tried(string file) =>
        from YamlMappingNode test in (YamlSequenceNode)Rule.Document(file)["tests"]
        where test.Children.ContainsKey("promql_expr_test")
        from YamlMappingNode question in (YamlSequenceNode)test["promql_expr_test"]
        let asked = AlertAsked().Match((string)question["expr"]!)
        where asked.Success
        select (asked.Groups[1].Value, ((YamlSequenceNode)question["exp_samples"]).Children.Count > 0);

    [GeneratedRegex("^count\\(ALERTS\\{alertname=\"(\\w+)\", alertstate=\"firing\"\\}\\)$")]
    private static partial Regex AlertAsked();
}
