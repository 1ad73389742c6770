using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>Services as they are now.</summary>
internal static class ServiceReads
{
    public const int MaxPage = 1000;

    /// <summary>A page of services by ascending id.</summary>
    public static Ok<List<ServiceRow>> List(HttpContext context, Fleet fleet, TimeProvider time)
    {
        var query = context.Request.Query;
        var limit = query.Whole("limit", MaxPage, 1, MaxPage);
        var after = After(query);
        var filter = ServiceFilter.Read(query);

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var all = fleet.ById;
        var rows = new List<ServiceRow>(Math.Min(limit, all.Count));
        for (var i = FirstAfter(all, after); i < all.Count; i++)
        {
            if (!filter.Takes(all[i]))
                continue;
            if (rows.Count == limit)
            {
                NextPage.LinkTo(context, rows[^1].Id.ToString(CultureInfo.InvariantCulture));
                break;
            }
            rows.Add(ServiceRows.Row(all[i].Snapshot(now)));
        }
        return TypedResults.Ok(rows);
    }

    /// <summary>One service.</summary>
    public static Ok<ServiceDetail> Get(long id, Fleet fleet, TimeProvider time) =>
        TypedResults.Ok(ServiceRows.Detail(fleet.Existing(id).Snapshot(time.GetUtcNow().ToUnixTimeMilliseconds())));

    /// <summary>The numbers of one service.</summary>
    public static Ok<MetricsSummary> Summary(long id, Fleet fleet, TimeProvider time) =>
        TypedResults.Ok(ServiceRows.Summary(fleet.Existing(id).Snapshot(time.GetUtcNow().ToUnixTimeMilliseconds())));

    /// <summary>The service of an id.</summary>
    /// <exception cref="RefusedException">There is none: 404.</exception>
    public static MonitorState Existing(this Fleet fleet, long id) => fleet.TryGet(id, out var state)
        ? state
        : throw new RefusedException(StatusCodes.Status404NotFound, $"There is no service with the id {id}; GET /services lists those that exist.");

    private static long After(IQueryCollection query)
    {
        if (query.Text("after") is not { } text)
            return 0;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw QueryReader.Bad("after", "must be the id of the last service of the page before: follow the Link header");
    }

    private static int FirstAfter(IReadOnlyList<MonitorState> ordered, long after)
    {
        var low = 0;
        var high = ordered.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (ordered[middle].Id <= after)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
