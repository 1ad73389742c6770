using HealthTrack.Engine.Leadership;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Metrics;

/// <summary><c>GET /metrics</c>: the monitors' series where this process leads, then the machinery's.</summary>
internal static class MetricsEndpoint
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static async Task Write(HttpContext context, MonitorMetrics monitors, MachineryMetrics machinery, ILeadership leadership, CancellationToken cancellationToken)
    {
        context.Response.ContentType = ContentType;
        if (leadership.IsLeader)
            await monitors.WriteAsync(context.Response.BodyWriter, cancellationToken);
        await machinery.WriteAsync(context.Response.Body, cancellationToken);
    }
}
