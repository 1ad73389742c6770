using Microsoft.AspNetCore.WebUtilities;

namespace HealthTrack.Dashboard.Api;

/// <summary>What came of a read: a value, or why there is none.</summary>
/// <param name="Value">Null exactly where there is a problem.</param>
/// <param name="Problem">Why; null where all went well.</param>
/// <param name="Next">Where the next page of a list begins; null on its last page.</param>
internal sealed record ApiAnswer<T>(T? Value, ApiProblem? Problem, string? Next)
    where T : class;

/// <summary>The <c>Link</c> header of the API's lists.</summary>
internal static class ApiAnswer
{
    /// <summary>The parameter <c>after</c> of the link to the next page: <c>&lt;?limit=100&amp;after=42&gt;; rel="next"</c>.</summary>
    public static string? After(IEnumerable<string> links)
    {
        foreach (var link in links)
        {
            var (from, to) = (link.IndexOf('<', StringComparison.Ordinal), link.IndexOf('>', StringComparison.Ordinal));
            if (from >= 0 && to > from && link.Contains("rel=\"next\"", StringComparison.Ordinal)
                && QueryHelpers.ParseQuery(link[(from + 1)..to].TrimStart('?')).TryGetValue("after", out var after))
                return after.ToString();
        }
        return null;
    }
}
