using System.Globalization;
using HealthTrack.Contracts.V1Alpha1;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>
/// Follows JSON paths through one document. All paths of a check share one budget of visited values, so what a target answers cannot hold
/// a thread: the whole budget is well under a second.
/// </summary>
/// <param name="root">The document.</param>
/// <param name="budget">Values that may be visited. Some paths over a whole MiB of the smallest values fit in the default.</param>
internal sealed class JsonPathSearch(JToken root, int budget = 4_000_000)
{
    /// <returns>What the path selects; null where the budget is used up.</returns>
    public IReadOnlyList<JToken>? Select(JsonPath path)
    {
        List<JToken> current = [root];
        foreach (var step in path.Steps)
        {
            if (step.Descends && !Descend(current))
                return null;
            var next = new List<JToken>();
            foreach (var token in current)
                if (!Select(step.Selector, token, next))
                    return null;
            current = next;
        }
        return current;
    }

    /// <summary>Adds all that is below: a path descends once, so nothing comes twice.</summary>
    private bool Descend(List<JToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
            foreach (var child in Children(tokens[i]))
            {
                if (--budget < 0)
                    return false;
                tokens.Add(child);
            }
        return true;
    }

    private bool Select(JsonPathSelector selector, JToken token, List<JToken> into)
    {
        if (--budget < 0)
            return false;
        if (selector is JsonPathName or JsonPathIndex)
        {
            if (Child(selector, token) is { } child)
                into.Add(child);
            return true;
        }
        foreach (var child in Children(token))
        {
            var filter = selector as JsonPathFilter;
            budget -= 1 + (filter?.Value.Count ?? 0);
            if (budget < 0)
                return false;
            if (filter is null || Passes(filter, child))
                into.Add(child);
        }
        return true;
    }

    private static bool Passes(JsonPathFilter filter, JToken child)
    {
        JToken? value = child;
        for (var i = 0; i < filter.Value.Count && value is not null; i++)
            value = Child(filter.Value[i], value);
        return filter.Comparison is { } wanted
            // RFC 9535: what is not there differs from every literal.
            ? (value is not null && Equal(filter, value)) == wanted
            : value is not null;
    }

    private static bool Equal(JsonPathFilter filter, JToken value)
    {
        if (value is not JValue scalar || filter.IsText != (scalar.Type == JTokenType.String))
            return false;
        if (filter.IsText)
            return (string?)scalar == filter.Literal;
        var json = scalar.ToString(Formatting.None);
        return json == filter.Literal
            || (decimal.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out var a)
                && decimal.TryParse(filter.Literal, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
                && a == b);
    }

    private static JToken? Child(JsonPathSelector selector, JToken token) => (selector, token) switch
    {
        (JsonPathName { Name: var name }, JObject map) => map[name],
        (JsonPathIndex { Index: var index }, JArray list) =>
            (index < 0 ? list.Count + (long)index : index) is var at && at >= 0 && at < list.Count ? list[(int)at] : null,
        _ => null,
    };

    private static IEnumerable<JToken> Children(JToken token) => token switch
    {
        JObject map => map.PropertyValues(),
        JArray list => list,
        _ => [],
    };
}
