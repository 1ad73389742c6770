using System.Diagnostics.CodeAnalysis;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>
/// A JSONPath in the part of RFC 9535 whose cost is bounded by the size of the document times the length of the path: names, indexes,
/// wildcards, filters that look at one value, and one descent. A second descent would visit nodes once for each way that leads to them.
/// </summary>
/// <param name="Steps">What to select, one after the other, from the root on.</param>
public sealed record JsonPath(IReadOnlyList<JsonPathStep> Steps)
{
    /// <summary>Reads a path such as <c>$.items[0].name</c>; the <c>$.</c> may be left out.</summary>
    /// <param name="text">The path.</param>
    /// <param name="path">What was read.</param>
    /// <param name="problem">Why nothing was, and what would be right: the end of a sentence that begins with the field.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out JsonPath? path, [NotNullWhen(false)] out string? problem)
    {
        var steps = new JsonPathReader(text).ReadAll();
        path = null;
        problem = null;
        if (steps is null)
            problem = "is not a JSONPath: write it with names, indexes and filters, such as $.status, $.items[0].name or $.items[?(@.type == 'a')].name";
        else if (steps.Count(s => s.Descends) > 1)
            problem = "has more than one .., which would let a large answer stall the check: keep one, such as $.items..name";
        else
            path = new JsonPath(steps);
        return path is not null;
    }
}

/// <summary>One step of a path.</summary>
/// <param name="Selector">What is selected of each value.</param>
/// <param name="Descends">Of the value and of all values below it, not of the value alone.</param>
public sealed record JsonPathStep(JsonPathSelector Selector, bool Descends);

/// <summary>Selects children of a value.</summary>
public abstract record JsonPathSelector;

/// <summary>The member of an object.</summary>
/// <param name="Name">Its name, case-sensitive.</param>
public sealed record JsonPathName(string Name) : JsonPathSelector;

/// <summary>The element of an array.</summary>
/// <param name="Index">From 0; from -1 downwards it counts from the end.</param>
public sealed record JsonPathIndex(int Index) : JsonPathSelector;

/// <summary>All children.</summary>
public sealed record JsonPathWildcard : JsonPathSelector;

/// <summary>The children that have a value, or one that is or is not the given one.</summary>
/// <param name="Value">The way from the child to the value: names and indexes.</param>
/// <param name="Comparison">True: it must equal the literal; false: it must differ; null: it must be there.</param>
/// <param name="Literal">What to compare with: a text, or a number, true, false or null as JSON.</param>
/// <param name="IsText">The literal is a text.</param>
public sealed record JsonPathFilter(IReadOnlyList<JsonPathSelector> Value, bool? Comparison, string Literal, bool IsText) : JsonPathSelector;
