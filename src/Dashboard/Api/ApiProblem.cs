using System.Net;
using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>Why the API did not do what was asked: its own problem details (RFC 9457), or that it does not answer.</summary>
/// <param name="Status">The status code; null where no answer came.</param>
/// <param name="Message">For people, one or two sentences.</param>
/// <param name="Fields">What is wrong with which field; empty where no field is to blame.</param>
internal sealed record ApiProblem(HttpStatusCode? Status, string Message, IReadOnlyList<FieldProblem> Fields)
{
    // A problem is a page of text at the very most; anything longer is not ours to hold.
    private const int MaxBody = 64 * 1024;

    /// <summary>The API cannot be reached, or took too long.</summary>
    public static ApiProblem Away(Uri api) => new(null, $"The API at {api.GetLeftPart(UriPartial.Path)} does not answer. Try again once it is back.", []);

    /// <summary>Reads the answer of a request that failed; a body that is no problem details still gives a sentence.</summary>
    public static async Task<ApiProblem> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        var said = default(Body);
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBody, stop);
            said = JsonSerializer.Deserialize<Body>(await response.Content.ReadAsByteArrayAsync(stop), ApiJson.Options);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            // No JSON, or too much of it: the status code has to do.
        }
        var message = said?.Detail ?? said?.Title ?? $"The API answered {(int)response.StatusCode} {response.ReasonPhrase}.".Replace(" .", ".", StringComparison.Ordinal);
        return new ApiProblem(response.StatusCode, message, said?.Errors?.Where(e => e is { Path: not null, Problem: not null }).ToList() ?? []);
    }

    private sealed record Body(string? Title, string? Detail, IReadOnlyList<FieldProblem>? Errors);
}
