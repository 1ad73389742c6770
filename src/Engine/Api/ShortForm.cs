using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Engine.Api;

/// <summary>Reads the short form of a service, <see cref="NewService"/>, and says everything that is wrong with it at once.</summary>
internal static class ShortForm
{
    private static readonly string[] Fields = ["name", "url", "interval_seconds", "timeout_seconds", "namespace"];

    /// <summary>Reads it.</summary>
    /// <param name="body">A JSON object without repeated fields.</param>
    /// <param name="presetName">The name of one that gives none; null: it must give one.</param>
    /// <param name="problems">Where what is wrong is added.</param>
    public static NewService Read(JsonElement body, string? presetName, List<FieldProblem> problems)
    {
        foreach (var field in body.EnumerateObject().Where(f => !Fields.Contains(f.Name)))
            problems.Add(new(field.Name, $"is not a field of the short form, which takes {string.Join(", ", Fields)}; a whole manifest has kind and spec"));
        var service = new NewService
        {
            Name = Text(body, "name", problems) is { Length: > 0 } name ? name : presetName,
            Url = Text(body, "url", problems),
            IntervalSeconds = Number(body, "interval_seconds", problems),
            TimeoutSeconds = Number(body, "timeout_seconds", problems),
            Namespace = Text(body, "namespace", problems),
        };
        Require(service.Name, "name", "is required: what people call the service", problems);
        Require(service.Url, "url", "is required: an http or https URL", problems);
        return service;
    }

    private static void Require(string? value, string field, string problem, List<FieldProblem> problems)
    {
        if (string.IsNullOrWhiteSpace(value) && problems.All(p => p.Path != field))
            problems.Add(new(field, problem));
    }

    private static string? Text(JsonElement body, string field, List<FieldProblem> problems)
    {
        if (!body.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString()!.Trim();
        problems.Add(new(field, "must be a text in quotes"));
        return null;
    }

    private static double? Number(JsonElement body, string field, List<FieldProblem> problems)
    {
        if (!body.TryGetProperty(field, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number))
            return number;
        problems.Add(new(field, "must be a number of seconds"));
        return null;
    }
}
