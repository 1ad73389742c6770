using System.Text;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Http;

/// <summary>The text of a request that carries JSON or YAML. A form is refused: a page of another site can send one without asking.</summary>
internal static class RequestBody
{
    private static readonly string[] Json = ["application/json"];
    private static readonly string[] Yaml = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"];
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads it.</summary>
    /// <returns>The text, and whether it is said to be JSON.</returns>
    /// <exception cref="RefusedException">Another type (415), or no UTF-8 (400).</exception>
    public static async Task<(string Text, bool IsJson)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var type = request.ContentType?.Split(';')[0].Trim();
        var isJson = Json.Contains(type, StringComparer.OrdinalIgnoreCase)
            || (type?.EndsWith("+json", StringComparison.OrdinalIgnoreCase) ?? false);
        if (!isJson && !Yaml.Contains(type, StringComparer.OrdinalIgnoreCase))
        {
            throw new RefusedException(
                StatusCodes.Status415UnsupportedMediaType,
                "The body must be application/json or application/yaml: say which in the Content-Type header.");
        }
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        try
        {
            return (Strict.GetString(body.GetBuffer(), 0, (int)body.Length).TrimStart('\uFEFF'), isJson);
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException(StatusCodes.Status400BadRequest, "The body is not UTF-8.");
        }
    }
}
