using System.Collections.Concurrent;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Tests;

/// <summary>What the stub API says of single services: a past that is the same each time, and what a test puts there.</summary>
internal sealed class StubReads(StubApi api)
{
    /// <summary>The thresholds of every service.</summary>
    public static readonly ServiceSettings Settings = new(
        3600, 1000, 3, 1, ["default"], 1, new ThresholdsRow(new(1000, 1500), new(1500, 2200), new(2000, 3000), new(0.8, 0.6), new(2, 5), new(95, 90)));

    /// <summary>How many checks each service has; 0: none, and no past either.</summary>
    public int Checks { get; set; } = 60;

    /// <summary>The message of failed checks.</summary>
    public string CheckError { get; set; } = "503 Service Unavailable: expected status 2xx";

    public ConcurrentDictionary<string, AlertRow> Alerts { get; } = new();

    public ConcurrentQueue<IncidentRow> Incidents { get; } = new();

    public HealthReport Ready { get; set; } = new("ok", new Dictionary<string, ComponentHealth> { ["store"] = new("ok", "The store answers.") });

    public void Map(WebApplication app)
    {
        app.MapGet("/readyz", () => Json(Ready));
        app.MapGet("/services/{id:long}", (long id) => api.Services.TryGetValue(id, out var row) ? Json(new ServiceDetail(row, row.Kind is null ? null : Settings)) : Results.NotFound());
        app.MapGet("/services/{id:long}/history", (long id, long from, int step) => Json(History(id, from, step)));
        app.MapGet("/services/{id:long}/checks", List);
        app.MapGet("/services/{id:long}/incidents", (long id) => Json(Incidents.Where(i => i.ServiceId == id)));
        app.MapGet("/alerts", (long service) => Json(Alerts.Values.Where(a => a.ServiceId == service && a.State != "resolved").OrderBy(a => a.StartedAt)));
        app.MapPost("/alerts/{id}/acknowledge", (string id) => Alerts.TryGetValue(id, out var alert)
            ? Json(Alerts[id] = alert with { State = "acknowledged", AcknowledgedBy = "somebody", AcknowledgedAt = alert.StartedAt })
            : Results.Problem($"No alert {id} is open.", statusCode: 404));
    }

    /// <summary>A bad hour in the middle and a hole behind it.</summary>
    public HistoryReport History(long id, long from, int step)
    {
        var to = TimeProvider.System.GetUtcNow();
        var start = DateTimeOffset.FromUnixTimeMilliseconds(from - from % (step * 1000L));
        var count = (int)Math.Ceiling((to - start).TotalSeconds / step);
        return new HistoryReport { ServiceId = id, From = start, To = to, StepSeconds = step, Estimated = ["unknown"], Buckets = [.. Enumerable.Range(0, count).Select(Bucket)] };

        HistoryRow Bucket(int i)
        {
            var (bad, hole) = (i * 10 / count is 5, i * 20 / count is 13);
            var wave = 1 + Math.Sin(i * 0.7) * 0.25 + Math.Sin(i * 2.3) * 0.12;
            var any = Checks > 0 && !hole;
            return new HistoryRow
            {
                Start = start.AddSeconds((double)i * step),
                Ok = !any ? 0 : bad ? 5 : 20,
                Warn = any && i % 17 == 3 ? 1 : 0,
                Error = any && bad ? 9 : 0,
                Down = any && bad && i % 2 == 0 ? 6 : 0,
                Unknown = hole && Checks > 0 ? 20 : 0,
                UptimePercent = !any ? null : bad ? 25 : 100,
                LatencyCount = any ? 20 : 0,
                AvgResponseTimeMs = any ? 120 * wave : null,
                P50ResponseTimeMs = any ? 110 * wave : null,
                P95ResponseTimeMs = any ? 240 * wave * (bad ? 3 : 1) : null,
                P99ResponseTimeMs = any ? 390 * wave * (bad ? 4 : 1) : null,
            };
        }
    }

    private IResult List(HttpContext context, long id, int limit, int after = 0)
    {
        var now = TimeProvider.System.GetUtcNow();
        var rows = Enumerable.Range(after, Math.Max(0, Math.Min(limit, Checks - after))).Select(i =>
        {
            var status = i % 9 == 4 ? "error" : i % 23 == 7 ? "down" : i % 31 == 11 ? "warn" : "ok";
            return Rows.Check(id, status, status switch { "ok" => 200, "warn" => 404, "error" => 503, _ => null }, status == "ok" ? null : CheckError, now.AddSeconds(-30 * (i + 1))) with
            {
                Id = Checks - i,
                ResponseTimeMs = 80 + i * 37 % 240,
                Kind = i == 2 ? "manual" : "scheduled",
            };
        }).ToList();
        if (after + rows.Count < Checks)
            context.Response.Headers.Link = $"<?limit={limit}&after={after + rows.Count}>; rel=\"next\"";
        return Json(rows);
    }

    /// <summary>An alert that fires.</summary>
    public AlertRow Fire(ServiceRow service, string signal = "down", string severity = "critical", string message = "It does not answer.")
    {
        var alert = new AlertRow
        {
            Id = $"{service.Id}-{signal}-1",
            ServiceId = service.Id,
            Namespace = service.Namespace,
            Name = service.Name,
            Signal = signal,
            State = "firing",
            Severity = severity,
            Reason = service.Reason,
            Message = message,
            StartedAt = TimeProvider.System.GetUtcNow().AddMinutes(-7),
            AnnouncedAt = null,
            AcknowledgedBy = null,
            AcknowledgedAt = null,
            EndedAt = null,
        };
        return Alerts[alert.Id] = alert;
    }

    private static IResult Json<T>(T value) => Results.Json(value, ApiJson.Options);
}
