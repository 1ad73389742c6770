using System.Globalization;
using System.Text;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.Tests;

public class ManifestReaderTests
{
    private const string Good = """{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"m"},"spec":{"http":{"url":"http://x.example"}}}""";

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t\n")]
    [InlineData("\uFEFF# a comment\n")]
    [InlineData("---\n---\n...\n---\n# nothing\n")]
    public void Read_NothingButBlanksAndComments_GivesNoDocument(string text) => Assert.Empty(ManifestReader.Read(text, "f"));

    [Theory]
    [InlineData("\uFEFF" + Good)]
    [InlineData("\n  " + Good + "\n")]
    [InlineData("%YAML 1.2\n---\n" + Good)]
    [InlineData("--- # first\n" + Good + "\n...\n")]
    public void Read_JsonInManyGuises_GivesTheMonitor(string text)
    {
        var document = Assert.Single(ManifestReader.Read(text, "f"));

        Assert.Empty(document.Errors);
        Assert.Equal(new MonitorKey("default", "m"), document.Key);
        Assert.Equal("f", document.Origin);
    }

    [Fact]
    public void Read_JsonWithErrors_NamesNoLines() =>
        Assert.Equal("spec.http.url: must not be empty", Assert.Single(Assert.Single(ManifestReader.Read(Good.Replace("http://x.example", "", StringComparison.Ordinal), "f")).Errors).ToString());

    [Fact]
    public void Read_CarriageReturns_CountAsOneLineEach()
    {
        var document = Assert.Single(ManifestReader.Read("apiVersion: sre.healthtrack.io/v1alpha1\r\nkind: ServiceMonitor\r\nmetadata: {name: m}\r\nspec: {http: {url: x}}\r\n", "f"));

        Assert.EndsWith("(line 4)", Assert.Single(document.Errors).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_YamlAndJsonInAnyOrder_GiveTheSameManifest()
    {
        var yaml = ManifestReader.Read("kind: ServiceMonitor\nspec: {http: {url: 'http://x.example'}}\nmetadata: {name: m, namespace: default}\napiVersion: sre.healthtrack.io/v1alpha1\n", "f");

        Assert.Equal(ManifestReader.Read(Good, "f")[0].Manifest, Assert.Single(yaml).Manifest);
    }

    [Fact]
    public void Read_OtherDefaultNamespace_IsUsedAndWritten()
    {
        var document = Assert.Single(ManifestReader.Read(Good, "f", "monitoring"));

        Assert.Equal("monitoring", document.Monitor!.Metadata.Namespace);
        Assert.Contains("\"namespace\":\"monitoring\"", document.Manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LargerThanAMegabyte_IsRefusedUnread()
    {
        var document = Assert.Single(ManifestReader.Read(new string('\u00e9', 600 * 1024), "f"));

        Assert.Contains("1 MiB", Assert.Single(document.Errors).Problem, StringComparison.Ordinal);
        Assert.Null(document.Key);
    }

    [Fact]
    public void Read_BodyOf64KiB_IsTakenAndOneMoreIsNot()
    {
        string With(int length) => Good.Replace("\"url\"", $"\"body\":\"{new string('x', length)}\",\"url\"", StringComparison.Ordinal);

        Assert.Empty(ManifestReader.Read(With(65536), "f")[0].Errors);
        Assert.Equal("spec.http.body: has 65537 characters: at most 65536 are allowed", Assert.Single(ManifestReader.Read(With(65537), "f")[0].Errors).ToString());
    }

    [Fact]
    public void Read_AliasBomb_IsRefusedBeforeItIsWrittenOut()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 20; i++)
            bomb.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Assert.Contains("aliases", Assert.Single(ManifestReader.Read(bomb.ToString(), "f")[0].Errors).Problem, StringComparison.Ordinal);
    }

    // Each of these made some YAML reader overflow its stack or run for minutes.
    [Theory]
    [InlineData("[", 500_000)]
    [InlineData("{", 500_000)]
    [InlineData("{a: ", 200_000)]
    [InlineData("- ", 400_000)]
    [InlineData("? ", 400_000)]
    [InlineData("{\"a\":", 150_000)]
    [InlineData("&a ", 300_000)]
    [InlineData("!!str ", 150_000)]
    [InlineData("\"", 1_000_000)]
    [InlineData("'", 1_000_000)]
    [InlineData("\u0000", 1_000_000)]
    [InlineData("---\n", 250_000)]
    [InlineData("--- x\n", 150_000)]
    [InlineData("# \n", 300_000)]
    [InlineData("a: \n", 250_000)]
    [InlineData("\t", 1_000_000)]
    [InlineData("%", 1_000_000)]
    [InlineData("*a ", 300_000)]
    public void Read_HostileRepetition_Ends(string piece, int times)
    {
        var documents = ManifestReader.Read(string.Concat(Enumerable.Repeat(piece, times)), "f");

        Assert.All(documents, d => Assert.NotEmpty(d.Errors));
        Assert.True(documents.Count <= 1001);
    }

    [Fact]
    public void Read_ManyProblems_ListsFiftyAndCountsTheRest()
    {
        var fields = string.Join(",", Enumerable.Range(0, 80).Select(i => $"\"unknown-field-{i}\":1"));

        var errors = ManifestReader.Read(Good.Replace("\"spec\":{", $"\"spec\":{{{fields},", StringComparison.Ordinal), "f")[0].Errors;

        Assert.Equal(51, errors.Count);
        Assert.Equal("30 more problems are not listed: mend these first", errors[^1].ToString());
    }

    [Fact]
    public void Read_SecretInTheWrongPlace_IsNotRepeated()
    {
        const string Secret = "hunter2-hunter2";
        var documents = ManifestReader.Read($$$"""
            apiVersion: sre.healthtrack.io/v1alpha1
            kind: ServiceMonitor
            metadata: {name: m}
            spec:
              interval: {{{Secret}}}
              http:
                url: {{{Secret}}}
                method: {{{Secret}}}
                headers: [{name: A, value: "{{{Secret}}}\n"}, {name: B, valueFrom: {{{Secret}}}}]
                auth: {bearer: {token: {{{Secret}}}}}
            ---
            {{{Secret}}}
            --- 
            - {{{Secret}}}: {{{Secret}}}: x
            """, "f");

        Assert.DoesNotContain(documents.SelectMany(d => d.Errors), e => e.ToString().Contains(Secret, StringComparison.Ordinal));
    }
}
