using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>Checks that were made.</summary>
internal static class CheckReads
{
    public const int DefaultPage = 100;
    public const int MaxPage = 1000;
    public const int DefaultDetailed = 10;
    public const int MaxDetailed = 100;

    /// <summary>A page of checks, newest first.</summary>
    public static async Task<Ok<List<CheckRow>>> List(
        long id, HttpContext context, Fleet fleet, IResultStore store, CancellationToken cancellationToken)
    {
        fleet.Existing(id);
        var query = context.Request.Query;
        var limit = query.Whole("limit", DefaultPage, 1, MaxPage);
        var page = new CheckQuery(id, limit, query.Instant("since"), After(query));
        var checks = await store.ReadChecksAsync(page, cancellationToken);
        // A full page may be the last: then the next one is empty, which costs less than reading one row more each time.
        if (checks.Count == limit)
            NextPage.LinkTo(context, string.Create(CultureInfo.InvariantCulture, $"{checks[^1].Result.DueTime}-{checks[^1].Id}"));
        return TypedResults.Ok(checks.Select(c => CheckRows.Row(c.Id, c.ServiceId, c.Result)).ToList());
    }

    /// <summary>The newest checks, each with the values of its moment.</summary>
    public static async Task<Ok<List<DetailedCheckRow>>> Detailed(
        long id, HttpContext context, Fleet fleet, IResultStore store, CancellationToken cancellationToken)
    {
        var state = fleet.Existing(id);
        var limit = context.Request.Query.Whole("limit", DefaultDetailed, 1, MaxDetailed);
        var checks = await store.ReadChecksAsync(new CheckQuery(id, limit), cancellationToken);
        return TypedResults.Ok(await MomentReplay.RunAsync(store, state, checks, cancellationToken));
    }

    private static CheckPosition? After(IQueryCollection query)
    {
        if (query.Text("after") is not { } text)
            return null;
        var parts = text.Split('-', 2);
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var dueTime)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? new CheckPosition(dueTime, id)
                : throw QueryReader.Bad("after", "must come from the Link header of the page before");
    }
}
