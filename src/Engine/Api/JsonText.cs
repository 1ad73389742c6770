using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Http;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api;

/// <summary>
/// What is JSON by its grammar and still has no meaning: an object with two values of one name, a text with half of a surrogate pair. The parser takes
/// both and fails later, where somebody reads them.
/// </summary>
internal static class JsonText
{
    /// <summary>Looks through all of <paramref name="element"/>.</summary>
    /// <param name="element">The element.</param>
    /// <param name="path">Where it is; empty for the root.</param>
    /// <exception cref="RefusedException">A text is none (400), or a field is given twice (422).</exception>
    public static void Check(JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var seen = new HashSet<string>(StringComparer.Ordinal);
                foreach (var field in element.EnumerateObject())
                {
                    var name = Readable(() => field.Name, "The name of a field", path);
                    var at = path.Length == 0 ? name : $"{path}.{name}";
                    if (!seen.Add(name))
                        throw ManifestRequest.Invalid([new FieldProblem(at, "is given twice: keep one")]);
                    Check(field.Value, at);
                }
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    Check(item, $"{path}[{index++}]");
                break;
            case JsonValueKind.String:
                _ = Readable(element.GetString, "The text", path);
                break;
        }
    }

    private static string Readable(Func<string?> read, string what, string path)
    {
        try
        {
            return read()!;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            throw new RefusedException(
                StatusCodes.Status400BadRequest,
                $"{what}{(path.Length == 0 ? "" : $" at {path}")} is not Unicode: it holds half of a surrogate pair, a \\ud800 to \\udfff without its other half.");
        }
    }
}
