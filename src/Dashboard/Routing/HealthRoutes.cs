using HealthTrack.Dashboard.Api;

namespace HealthTrack.Dashboard.Routing;

/// <summary><c>/healthz</c> and <c>/readyz</c>: 200 whenever the dashboard can serve, API away included; the body says how it stands with the API.</summary>
internal static class HealthRoutes
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", Answer);
        app.MapGet("/readyz", Answer);
    }

    private static IResult Answer(Fleet fleet)
    {
        var now = fleet.Status();
        return Results.Json(new
        {
            status = now.Link == LinkState.Live ? "ok" : "degraded",
            api = now.Link switch { LinkState.Live => "live", LinkState.Away => "away", _ => "connecting" },
            services = now.Services,
            updated_at = now.UpdatedAt?.UtcDateTime,
        });
    }
}
