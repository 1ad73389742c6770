using System.Globalization;
using System.Text.RegularExpressions;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>Rules about single values that several fields share. A null value is no concern of theirs.</summary>
internal sealed class FieldRules(Findings findings)
{
    /// <returns>The duration where it is within its bounds; null otherwise, which has been said.</returns>
    public TimeSpan? Between(string path, string? text, TimeSpan from, TimeSpan to, string problem)
    {
        if (!Durations.TryParse(text, out var duration))
            return null;
        if (duration >= from && duration <= to)
            return duration;
        findings.Add(path, problem);
        return null;
    }

    public void Positive(string path, string? text)
    {
        if (Durations.TryParse(text, out var duration) && duration == TimeSpan.Zero)
            findings.Add(path, "must be more than 0");
    }

    public void Objective(string path, string? text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is <= 0 or >= 100)
            findings.Add(path, "must be more than 0 and less than 100");
    }

    public void ExactlyOne(string path, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var given = 0;
        foreach (var (name, value) in fields)
            given += value is not null || findings.Broken($"{path}.{name}") ? 1 : 0;
        if (given == 1)
            return;
        var names = fields.ToArray().Select(f => f.Name).ToList();
        findings.Add(path, $"give exactly one of {string.Join(", ", names[..^1])} and {names[^1]}");
    }

    /// <summary>Header fields and metadata: a value or a secret each.</summary>
    public void NamedValues(string path, IReadOnlyList<NamedValueSpec?> fields)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i] is { } field)
                ExactlyOne(FieldPath.Item(path, i), ("value", field.Value), ("valueFrom", field.ValueFrom));
        }
    }

    /// <summary>A regular expression that runs in time linear to its input: .NET's syntax without what needs backtracking.</summary>
    public void Expression(string path, string? pattern)
    {
        if (pattern is null)
            return;
        try
        {
            _ = new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (RegexParseException problem)
        {
            findings.Add(path, FormattableString.Invariant($"is not a regular expression: {Words(problem.Error)} at character {problem.Offset}"));
        }
        catch (NotSupportedException)
        {
            findings.Add(
                path,
                "uses look-around, a back-reference, an atomic group or too large a repetition, which would let an answer stall the check: "
                + "write it without");
        }
    }

    public void JsonPath(string path, string? text)
    {
        if (text is not null && !V1Alpha1.JsonPath.TryParse(text, out _, out var problem))
            findings.Add(path, problem);
    }

    public void Url(string path, string? text, IReadOnlyList<string> schemes, string problem)
    {
        if (text is null)
            return;
        var good = Uri.TryCreate(text, UriKind.Absolute, out var url)
            && schemes.Contains(url.Scheme)
            && url.Host.Length > 0
            // Uri takes http:x.example too; Kubernetes and people do not.
            && text.Contains("://", StringComparison.Ordinal);
        if (!good)
            findings.Add(path, problem);
    }

    // UnterminatedBracket: "unterminated bracket".
    private static string Words(RegexParseError error) =>
        string.Concat(error.ToString().Select((c, i) => char.IsUpper(c) ? $"{(i > 0 ? " " : "")}{char.ToLowerInvariant(c)}" : $"{c}"));
}
