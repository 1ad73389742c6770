using System.Net;
using HealthTrack.Dashboard.Api;

namespace HealthTrack.Dashboard.Ui.Fleets;

/// <summary>Puts what the API says is wrong beside the field of the form that a reader would change.</summary>
internal static class NewServiceForm
{
    /// <summary>What belongs to no field, or null; and a text for each field that is wrong: <c>name</c>, <c>url</c>, <c>interval</c>, <c>timeout</c>.</summary>
    public static (string? General, Dictionary<string, string> Fields) Place(ApiProblem problem)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var general = new List<string>();
        foreach (var (path, text) in problem.Fields.Select(f => (f.Path, f.Problem)))
        {
            if (Field(path) is not { } field)
                general.Add(path.Length == 0 ? text : $"{path}: {text}");
            else if (!fields.TryAdd(field, text))
                fields[field] += " " + text;
        }
        if (problem.Fields.Count == 0)
        {
            // A conflict is always about the name.
            if (problem.Status == HttpStatusCode.Conflict)
                fields["name"] = problem.Message;
            else
                general.Add(problem.Message);
        }
        return (general.Count == 0 ? null : string.Join(" ", general), fields);
    }

    // The API names the fields of the short body or, where its manifest is what is wrong, those of the manifest.
    private static string? Field(string path) => path switch
    {
        "name" or "metadata.name" or "spec.displayName" => "name",
        "url" or "spec.http" or "spec.http.url" => "url",
        "interval" or "interval_seconds" or "spec.interval" => "interval",
        "timeout" or "timeout_seconds" or "spec.timeout" => "timeout",
        _ => null,
    };
}
