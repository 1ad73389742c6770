using HealthTrack.Core.Sre;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api;

/// <summary>Which services a list is of. Looks at what is cheap alone: no window is summed up for a service that is left out.</summary>
internal sealed class ServiceFilter
{
    private string? _namespace;
    private string? _text;
    private HashSet<Health>? _health;
    private List<(string Key, string? Value)>? _labels;

    /// <summary>Reads <c>health</c> (one or several, by comma), <c>namespace</c>, <c>q</c> and <c>label</c> (<c>key</c> or <c>key=value</c>, repeatable).</summary>
    public static ServiceFilter Read(IQueryCollection query) => new()
    {
        _namespace = query.Text("namespace"),
        _text = query.Text("q"),
        _health = Healths(query.Text("health")),
        _labels = Labels(query),
    };

    /// <summary>Whether a service is in the list.</summary>
    public bool Takes(MonitorState state) =>
        (_namespace is null || state.Key.Namespace == _namespace)
        && (_text is null || Mentions(state, _text))
        && (_labels is null || HasLabels(state, _labels))
        && (_health is null || _health.Contains(state.Health));

    private static bool Mentions(MonitorState state, string text)
    {
        if (state.Key.Name.Contains(text, StringComparison.OrdinalIgnoreCase) || state.Key.Namespace.Contains(text, StringComparison.OrdinalIgnoreCase))
            return true;
        return state.Monitor is { } monitor
            && (monitor.DisplayName.Contains(text, StringComparison.OrdinalIgnoreCase)
                || monitor.Spec.Check.Target.Contains(text, StringComparison.OrdinalIgnoreCase));
    }

    private static bool HasLabels(MonitorState state, List<(string Key, string? Value)> labels) =>
        state.Monitor is { } monitor
        && labels.TrueForAll(l => monitor.Labels.TryGetValue(l.Key, out var value) && (l.Value is null || l.Value == value));

    private static HashSet<Health>? Healths(string? text)
    {
        if (text is null)
            return null;
        var healths = new HashSet<Health>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            // Numbers parse as enum values too.
            if (!char.IsAsciiLetter(word.FirstOrDefault()) || !Enum.TryParse<Health>(word, ignoreCase: true, out var health))
                throw QueryReader.Bad("health", $"must be one or several, by comma, of {string.Join(", ", Enum.GetNames<Health>())}");
            healths.Add(health);
        }
        return healths;
    }

    private static List<(string Key, string? Value)>? Labels(IQueryCollection query)
    {
        List<(string, string?)>? labels = null;
        foreach (var label in query["label"])
        {
            if (string.IsNullOrEmpty(label))
                continue;
            var parts = label.Split('=', 2);
            if (parts[0].Length == 0)
                throw QueryReader.Bad("label", "must be KEY or KEY=VALUE");
            (labels ??= []).Add((parts[0], parts.Length == 2 ? parts[1] : null));
        }
        return labels;
    }
}
