using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace HealthTrack.Engine.Api.Http;

/// <summary>The <c>Link</c> header that leads from one page of a list to the next (RFC 8288).</summary>
internal static class NextPage
{
    /// <summary>Names the page after <paramref name="after"/>: the same query but for that parameter.</summary>
    public static void LinkTo(HttpContext context, string after)
    {
        var query = context.Request.Query
            .Where(pair => !pair.Key.Equals("after", StringComparison.OrdinalIgnoreCase))
            .SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value))
            .Append(KeyValuePair.Create("after", (string?)after));
        // Relative to the request: behind a proxy that adds a prefix to the path, the API does not know by which URL it is called.
        context.Response.Headers.Link = $"<{QueryHelpers.AddQueryString("", query)}>; rel=\"next\"";
    }
}
