using System.Net;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>Why the API did not do what was asked: its own problem details (RFC 9457), or that it does not answer.</summary>
/// <param name="Status">The status code; null where no answer came.</param>
/// <param name="Message">For people, one or two sentences.</param>
/// <param name="Fields">What is wrong with which field; empty where no field is to blame.</param>
internal sealed record ApiProblem(HttpStatusCode? Status, string Message, IReadOnlyList<FieldProblem> Fields)
{
    /// <summary>The API cannot be reached, or took too long.</summary>
    public static ApiProblem Away(Uri api) => new(null, $"The API at {api.GetLeftPart(UriPartial.Path)} does not answer. Try again once it is back.", []);

    /// <summary>Reads the answer of a request that failed; where its body is no problem details, or too long, the status code has to do.</summary>
    public static async Task<ApiProblem> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        var said = await BoundedJson.ReadAsync<Body>(response.Content, stop);
        var message = said?.Detail ?? said?.Title ?? $"The API answered {(int)response.StatusCode} {response.ReasonPhrase}.".Replace(" .", ".", StringComparison.Ordinal);
        return new ApiProblem(response.StatusCode, message, said?.Errors?.Where(e => e is { Path: not null, Problem: not null }).ToList() ?? []);
    }

    private sealed record Body(string? Title, string? Detail, IReadOnlyList<FieldProblem>? Errors);
}
