using System.Globalization;
using System.Text;

namespace HealthTrack.Engine.Tests.Metrics;

/// <summary>One sample as it stands in the text.</summary>
internal sealed record Sample(string Family, string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>
/// A strict reader of Prometheus' text format 0.0.4, written from its description and apart from the writer: HELP and TYPE once a family and before
/// its samples, families together, no series twice.
/// </summary>
internal static class PrometheusParser
{
    private static readonly string[] Suffixes = ["_bucket", "_sum", "_count"];

    public static List<Sample> Parse(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new List<Sample>();
        var types = new Dictionary<string, string>();
        var helps = new HashSet<string>();
        var current = "";
        var closed = new HashSet<string>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var name = line.Split(' ')[2];
                Assert.True(helps.Add(name), $"HELP of {name} twice");
                Enter(name);
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                Assert.True(types.TryAdd(parts[2], parts[3]), $"TYPE of {parts[2]} twice");
                Enter(parts[2]);
            }
            else if (line[0] != '#')
            {
                var (name, labels, value) = ParseSample(line);
                var family = types.ContainsKey(name) ? name : Suffixes.Where(s => name.EndsWith(s, StringComparison.Ordinal)).Select(s => name[..^s.Length]).First();
                Assert.Equal(current, family);
                samples.Add(new Sample(family, name, labels, value));
            }
        }
        var keys = samples.Select(s => s.Name + string.Join(',', s.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value.Length}:{l.Value}"))).ToList();
        Assert.Equal(keys.Count, keys.Distinct().Count());
        return samples;

        void Enter(string family)
        {
            if (family == current)
                return;
            closed.Add(current);
            Assert.DoesNotContain(family, closed);
            current = family;
        }
    }

    private static (string Name, Dictionary<string, string> Labels, double Value) ParseSample(string line)
    {
        var at = line.IndexOfAny(['{', ' ']);
        var name = line[..at];
        var labels = new Dictionary<string, string>();
        if (line[at] == '{')
        {
            at++;
            while (line[at] != '}')
            {
                var equals = line.IndexOf('=', at);
                var label = line[at..equals];
                Assert.Equal('"', line[equals + 1]);
                var value = new StringBuilder();
                for (at = equals + 2; line[at] != '"'; at++)
                {
                    if (line[at] != '\\')
                    {
                        value.Append(line[at]);
                        continue;
                    }
                    at++;
                    value.Append(line[at] switch { 'n' => '\n', '\\' => '\\', '"' => '"', var other => throw new FormatException($"\\{other} is no escape") });
                }
                labels.Add(label, value.ToString());
                at++;
                if (line[at] == ',')
                    at++;
            }
            at++;
        }
        Assert.Equal(' ', line[at]);
        var number = line[(at + 1)..];
        return (name, labels, number switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture),
        });
    }
}
