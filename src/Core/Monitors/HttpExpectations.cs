using System.Text.RegularExpressions;

namespace HealthTrack.Core.Monitors;

/// <summary>What an HTTP answer must look like. All must hold; a check that misses one is an error.</summary>
public sealed record HttpExpectations
{
    /// <summary>Accepted status codes; empty: below 400.</summary>
    public IReadOnlyList<StatusRange> Status { get; init; } = [];

    /// <summary>What the first MiB of the body must hold.</summary>
    public IReadOnlyList<BodyExpectation> Body { get; init; } = [];

    /// <summary>What the header fields must hold.</summary>
    public IReadOnlyList<HeaderExpectation> Headers { get; init; } = [];

    /// <summary>The answer must be whole within this time; null: any time within the time limit of the check.</summary>
    public TimeSpan? MaxLatency { get; init; }
}

/// <summary>An inclusive range of HTTP status codes.</summary>
/// <param name="From">First code.</param>
/// <param name="To">Last code.</param>
public readonly partial record struct StatusRange(int From, int To)
{
    /// <summary>Whether <paramref name="status"/> is in the range.</summary>
    public bool Contains(int status) => status >= From && status <= To;

    /// <summary>Reads <c>200</c>, <c>2xx</c> or <c>400-404</c>.</summary>
    /// <param name="text">The text as in the spec.</param>
    /// <param name="range">The range where the text is one.</param>
    /// <returns>False where the text is none of the three forms, a code is not in 100..599 or the range runs backwards.</returns>
    public static bool TryParse(string text, out StatusRange range)
    {
        range = default;
        var match = Form().Match(text);
        if (!match.Success)
            return false;
        if (match.Groups["class"].Success)
        {
            var first = (match.Groups["class"].Value[0] - '0') * 100;
            range = new StatusRange(first, first + 99);
            return true;
        }
        var from = int.Parse(match.Groups["from"].ValueSpan, provider: null);
        var to = match.Groups["to"].Success ? int.Parse(match.Groups["to"].ValueSpan, provider: null) : from;
        range = new StatusRange(from, to);
        return from <= to;
    }

    /// <summary>The shortest form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() =>
        From == To ? $"{From}" : From % 100 == 0 && To == From + 99 ? $"{From / 100}xx" : $"{From}-{To}";

    [GeneratedRegex(@"^(?:(?<class>[1-5])xx|(?<from>[1-5][0-9]{2})(?:-(?<to>[1-5][0-9]{2}))?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

/// <summary>One expectation about the body.</summary>
public abstract record BodyExpectation;

/// <summary>The body holds a text, compared ordinally.</summary>
/// <param name="Text">The text.</param>
public sealed record BodyContains(string Text) : BodyExpectation;

/// <summary>The body matches a regular expression (.NET syntax, non-backtracking, case-sensitive, <c>^</c> and <c>$</c> at the ends of the body).</summary>
/// <param name="Pattern">The expression.</param>
public sealed record BodyMatches(string Pattern) : BodyExpectation;

/// <summary>The body is JSON and the value at a path equals a text (strings by their value, anything else by its JSON).</summary>
/// <param name="Path">A JSONPath that selects one value.</param>
/// <param name="Expected">The value; null: it need only exist.</param>
public sealed record BodyJsonPath(string Path, string? Expected) : BodyExpectation;

/// <summary>A header field is there and, where asked, holds a text (ordinal, case ignored) or matches an expression.</summary>
/// <param name="Name">The field's name, case ignored.</param>
/// <param name="Contains">A text that one of its values holds; null: not asked.</param>
/// <param name="Matches">An expression that one of its values matches; null: not asked.</param>
public sealed record HeaderExpectation(string Name, string? Contains, string? Matches);
