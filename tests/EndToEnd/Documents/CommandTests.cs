using System.Text.RegularExpressions;

namespace HealthTrack.EndToEnd.Tests.Documents;

/// <summary>What the documentation tells a person to type.</summary>
public sealed partial class CommandTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public void Commands_OfThePages_AreInTheTable()
    {
        var known = CommandTable.Read().Select(e => e.Command).ToHashSet();
        var missing = DocumentCommand.All().Where(c => !known.Contains(c.Text)).Select(c => $"{c.Page}:{c.Line}: {c.Text}").ToList();
        Assert.True(missing.Count == 0, $"Say in {CommandTable.File} what runs these commands, or why none can:\n{string.Join('\n', missing)}");
    }

    [Fact]
    public void Commands_OfTheTable_AreOnAPageAndOnce()
    {
        var said = DocumentCommand.All().Select(c => c.Text).ToHashSet();
        var table = CommandTable.Read();
        var gone = table.Where(e => !said.Contains(e.Command)).Select(e => e.Command).ToList();
        Assert.True(gone.Count == 0, $"No page says these any more; take them out of {CommandTable.File}:\n{string.Join('\n', gone)}");
        Assert.Equal([], table.GroupBy(e => e.Command).Where(g => g.Count() > 1).Select(g => g.Key));
    }

    [Fact]
    public void Sections_OfTheTable_SayWhatTheyMustAndNameTestsThatExist()
    {
        var tests = Directory.EnumerateFiles(Repository.At("tests"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        foreach (var (kind, detail, command) in CommandTable.Read())
        {
            Assert.True(kind is "run" or "serve" or "ask" or "tested" or "needs" or "text", $"{CommandTable.File}: {command} is in a section [{kind}], which means nothing.");
            Assert.True((kind is "run" or "serve" or "ask") == (detail.Length == 0), $"{CommandTable.File}: [{kind} {detail}]: tested, needs and text say by what, why and what; the others nothing.");
            if (kind == "tested")
            {
                var name = detail.Split('.');
                Assert.True(
                    tests.Any(t => t.Contains($"class {name[0]}", StringComparison.Ordinal) && t.Contains($" {name[1]}(", StringComparison.Ordinal)),
                    $"{CommandTable.File}: there is no test {detail}.");
            }
        }
    }

    [Fact]
    public async Task Run_EachThatCan_EndsWithZero()
    {
        foreach (var entry in CommandTable.Read().Where(e => e.Kind == "run"))
        {
            var (exitCode, output) = await Shell.RunAsync(Built(entry.Command), Limit);
            Assert.True(exitCode == 0, $"{entry.Command}\n{output}");
        }
    }

    [Fact]
    public async Task Serve_EachThatDoes_SaysThatItRuns()
    {
        foreach (var entry in CommandTable.Read().Where(e => e.Kind == "serve"))
        {
            using var folder = new TemporaryFolder();
            // Read until its last line, asked to end, and read to its end.
            var (exitCode, output) = await Shell.RunAsync(
                $"exec 3< <(exec {Built(entry.Command)} 2>&1)\nprogram=$!\nsed '/Ctrl+C stops it/q' <&3\nkill -TERM $program\ncat <&3",
                Limit,
                ("HEALTHTRACK_DATA", folder.Path), ("HEALTHTRACK_API_PORT", "0"), ("HEALTHTRACK_DASHBOARD_PORT", "0"));
            Assert.True(exitCode == 0 && output.Contains("is running.", StringComparison.Ordinal), $"{entry.Command}\n{output}");
        }
    }

    [Fact]
    public async Task Ask_EachInItsOrder_IsAnswered()
    {
        await using var target = await StubTarget.StartAsync();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["monitors"]);
        await using var healthTrack = await HealthTrackProcess.StartAsync("--data", folder["data"], "--monitors", folder["monitors"]);
        await Eventually.BeAsync(
            async () => (await healthTrack.Api.GetAsync("/services", TestContext.Current.CancellationToken)).IsSuccessStatusCode, "the folder is read");
        foreach (var entry in CommandTable.Read().Where(e => e.Kind == "ask"))
        {
            var command = entry.Command
                .Replace("127.0.0.1:8000", healthTrack.Api.BaseAddress!.Authority, StringComparison.Ordinal)
                .Replace("127.0.0.1:3000", new Uri(healthTrack.Dashboard).Authority, StringComparison.Ordinal)
                .Replace("https://example.com", target.Url, StringComparison.Ordinal);
            var (exitCode, output) = await Shell.RunAsync($"curl() {{ command curl --noproxy '*' -sS --fail-with-body --max-time 60 \"$@\"; }}\n{command}", Limit);
            Assert.True(exitCode == 0 && output.Length > 0, $"{entry.Command}\n{output}");
        }
    }

    [Theory]
    [InlineData("text\n\n    kubectl get htm -A\n", "kubectl get htm -A")]
    [InlineData("```sh\nhelm install a \\\n  b   # why\n```", "helm install a b")]
    [InlineData("```\nA=1 ./run.sh x\n```", "A=1 ./run.sh x")]
    [InlineData("    TOKEN=$(docker compose ps)", "TOKEN=$(docker compose ps)")]
    [InlineData("    newtool --flag", "newtool --flag")]
    public void Of_APageWithACommand_FindsIt(string page, string command) =>
        Assert.Equal([command], DocumentCommand.Of("x.md", page.Split('\n')).Select(c => c.Text));

    [Theory]
    [InlineData("```yaml\nkubectl: get\nhelm install\n```")]
    [InlineData("    apiVersion: v1\n    kind: List\n      - name: x")]
    [InlineData("    {\"a\": 1}")]
    [InlineData("kubectl get htm")]
    [InlineData("    # a comment\n    series{a=\"b\"} == 1")]
    public void Of_APageWithoutACommand_FindsNone(string page) => Assert.Empty(DocumentCommand.Of("x.md", page.Split('\n')));

    // What was built with the tests, so that nothing is built beside them.
    private static string Built(string command) =>
        DotnetRun().Replace(command, $"dotnet run --no-build -c {new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name} ");

    [GeneratedRegex(@"\bdotnet run ")]
    private static partial Regex DotnetRun();
}
