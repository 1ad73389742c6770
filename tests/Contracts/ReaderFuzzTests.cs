using System.Text;
using System.Text.Json;
using CsCheck;
using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Contracts.Tests;

/// <summary>No text makes the reader throw: what it cannot take is an error in a document.</summary>
public class ReaderFuzzTests
{
    private static readonly string[] Fragments =
    [
        "apiVersion: sre.healthtrack.io/v1alpha1\n", "kind: ServiceMonitor\n", "metadata: {name: m}\n", "metadata:\n  name: m\n", "spec:\n", "  http:\n",
        "    url: http://x.example\n", "  interval: 30s\n", "---\n", "...\n", "- ", "? ", ": ", ":\n", "{", "}", "[", "]", ",", "&a ", "*a", "!!str ", "!x ", "! ", "|\n", ">-\n",
        "'", "\"", "#", "\t", " ", "\n", "\r\n", "\r", "%YAML 1.2\n", "%TAG ! x\n", "\\ud800", "\\x00", "\0", "\u0085", "\u2028", "\uFEFF", "\uD83D\uDE00", "\uD800", "<<: *a\n", "~",
        "null", "0x1F", "1e999", ".nan", "9999999999999999999999", "true", "@", "`", "\"\\", "name: ", "status: {}\n",
    ];

    private static readonly string[] Valid = [.. Directory.GetFiles(Repository.File("config", "samples"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    [Fact]
    public void Read_RandomText_NeverThrows() => Gen.String.Sample(Check, iter: 5000);

    [Fact]
    public void Read_RandomBytes_NeverThrows() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Check(Encoding.UTF8.GetString(bytes)) && Check(Encoding.Latin1.GetString(bytes)), iter: 5000);

    [Fact]
    public void Read_RandomYaml_NeverThrows() => Any(Fragments).Array[1, 40].Select(string.Concat).Sample(Check, iter: 30_000);

    [Fact]
    public void Read_ManifestWithAFewCharactersChanged_NeverThrows() =>
        Gen.Select(Any(Valid), Gen.Select(Gen.Int[0, 2000], Gen.Int[0, 4], Any(["", .. Fragments])).Array[1, 4], Change).Sample(Check, iter: 5000);

    [Fact]
    public void Read_RandomJson_NeverThrows() => Json(depth: 4).Sample(
        json => Check(json) && Check($$"""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"m"},"spec":{{json}}}"""), iter: 3000);

    private static Gen<string> Any(string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<string> Json(int depth)
    {
        var names = Gen.OneOf(Any([.. SchemaFields.All.Select(f => f.Path.Split('.', '[')[^1].Trim(']')).Distinct()]), Gen.String.AlphaNumeric);
        var scalar = Gen.OneOf(
            Gen.Const("null"), Gen.Const("true"), Gen.Double.Select(d => double.IsFinite(d) ? JsonSerializer.Serialize(d) : "1e400"), Gen.Long.Select(l => $"{l}"),
            Gen.String.Select(s => JsonSerializer.Serialize(s)), Any(["\"30s\"", "\"http://x.example\"", "\"2xx\"", "\"\\ud800\"", "\"(\"", "\"$.[\""]));
        if (depth == 0)
            return scalar;
        var below = Json(depth - 1);
        return Gen.Frequency(
            (2, scalar),
            (1, below.Array[0, 4].Select(items => $"[{string.Join(',', items)}]")),
            (4, Gen.Select(names, below).Array[0, 8].Select(fields => $"{{{string.Join(',', fields.Select(f => $"{JsonSerializer.Serialize(f.Item1)}:{f.Item2}"))}}}")));
    }

    private static string Change(string text, (int At, int Cut, string Put)[] changes)
    {
        foreach (var (at, cut, put) in changes)
        {
            var start = Math.Min(at, text.Length);
            text = string.Concat(text.AsSpan(0, start), put, text.AsSpan(Math.Min(start + cut, text.Length)));
        }
        return text;
    }

    private static bool Check(string text)
    {
        foreach (var document in ManifestReader.Read(text, "fuzz"))
        {
            Assert.Equal(document.Errors.Count == 0, document.Monitor is not null);
            Assert.DoesNotContain(document.Errors, e => e.Problem.Length == 0 || e.ToString().Any(char.IsControl));
            if (document.Manifest.Length > 0)
                JsonDocument.Parse(document.Manifest).Dispose();
            if (document.Monitor is not { } monitor)
                continue;
            if (monitor.CanCheck())
                Assert.True(monitor.ToMonitor("uid", 1).Spec.Timeout < monitor.ToMonitor("uid", 1).Spec.Interval);
            Assert.Equal(document.Manifest, Assert.Single(ManifestReader.Read(document.Manifest, "again")).Manifest);
        }
        return true;
    }
}
