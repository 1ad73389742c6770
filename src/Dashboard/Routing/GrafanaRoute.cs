using System.Net.Http.Headers;
using HealthTrack.Dashboard.Ui;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace HealthTrack.Dashboard.Routing;

/// <summary>
/// <c>/grafana/**</c>: passed on as it is to a Grafana that serves from that sub path and believes its auth proxy, this dashboard. Who the visitor is
/// says <see cref="IVisitors"/> alone; of what the browser sends only what Grafana's pages need goes on.
/// </summary>
internal static class GrafanaRoute
{
    public const string Prefix = "/grafana";
    public const string Id = "grafana";
    public const string UserHeader = "X-WEBAUTH-USER";
    public const string RoleHeader = "X-WEBAUTH-ROLE";

    // What is not here does not go on: nobody can list every header in which some version of Grafana, or a proxy before it, reads an identity.
    private static readonly HashSet<string> Passed = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
        "If-Unmodified-Since", "Origin", "Pragma", "Priority", "Range", "Referer", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Version", "Transfer-Encoding", "Upgrade", "User-Agent", "X-Cache-Skip", "X-Grafana-NoCache", "X-Grafana-Org-Id", "X-Requested-With",
    };

    private static readonly string[] PassedPrefixes = ["X-Dashboard-", "X-Datasource-", "X-Panel-", "X-Plugin-", "X-Query-"];

    // Grafana's own cookies: its session, and where it leads to after a sign-in.
    private static readonly string[] CookiePrefixes = ["grafana_", "redirect_to", "redirectTo"];

    public static RouteConfig Route { get; } = new() { RouteId = Id, ClusterId = Id, Match = new() { Path = Prefix + "/{**rest}" } };

    public static ClusterConfig Cluster(Uri grafana, ForwarderRequestConfig request) => new()
    {
        ClusterId = Id,
        Destinations = new Dictionary<string, DestinationConfig> { [Id] = new() { Address = AddressOf(grafana) } },
        HttpRequest = request,
    };

    /// <summary>Where one service's board is, as a link of this site.</summary>
    public static string LinkTo(string ns, string name) =>
        $"{Prefix}/d/healthtrack-service?var-namespace={Uri.EscapeDataString(ns)}&var-service={Uri.EscapeDataString(name)}";

    public static void Transform(TransformBuilderContext context)
    {
        // Grafana compares a browser's Origin with the Host that it sees.
        context.AddOriginalHost(true);
        context.AddRequestTransform(request =>
        {
            Restrict(request.ProxyRequest.Headers);
            var visitor = request.HttpContext.RequestServices.GetRequiredService<IVisitors>().Of(request.HttpContext);
            request.ProxyRequest.Headers.Add(UserHeader, visitor.Name);
            request.ProxyRequest.Headers.Add(RoleHeader, visitor.Role);
            return ValueTask.CompletedTask;
        });
        context.AddResponseTransform(response =>
        {
            // A cookie of another name would be one of the dashboard's own.
            var headers = response.HttpContext.Response.Headers;
            headers.SetCookie = headers.SetCookie.Where(c => c is not null && IsGrafanas(c)).ToArray();
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>Leads to the board from the path without its slash, and says what to do where no Grafana was named.</summary>
    public static void UseGrafana(this WebApplication app)
    {
        var known = app.Services.GetRequiredService<DashboardOptions>().Grafana is not null;
        app.Use(async (context, next) =>
        {
            var path = context.Request.Path;
            if (!path.StartsWithSegments(Prefix, StringComparison.Ordinal))
                await next(context);
            else if (!known)
                await SayAsync(context, StatusCodes.Status404NotFound, null);
            else if (path == Prefix)
                context.Response.Redirect(Prefix + "/" + context.Request.QueryString);
            else
                await next(context);
        });
    }

    /// <summary>Says that Grafana does not answer.</summary>
    public static Task SayAwayAsync(HttpContext context) =>
        SayAsync(context, StatusCodes.Status502BadGateway, context.RequestServices.GetRequiredService<DashboardOptions>().Grafana);

    private static Task SayAsync(HttpContext context, int status, Uri? grafana)
    {
        var person = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        if (person)
            return new RazorComponentResult<GrafanaHelp>(new { Grafana = grafana }) { StatusCode = status }.ExecuteAsync(context);
        return Results.Problem(
            grafana is null ? "No Grafana is configured: name it with --grafana." : $"Grafana at {grafana.GetLeftPart(UriPartial.Path)} does not answer.", statusCode: status)
            .ExecuteAsync(context);
    }

    private static void Restrict(HttpRequestHeaders headers)
    {
        var cookies = headers.TryGetValues(HeaderNames.Cookie, out var lines)
            ? string.Join("; ", lines.SelectMany(l => l.Split(';', StringSplitOptions.TrimEntries)).Where(IsGrafanas))
            : "";
        foreach (var name in headers.Select(h => h.Key).Where(n => !Passes(n)).ToList())
            headers.Remove(name);
        if (cookies.Length > 0)
            headers.TryAddWithoutValidation(HeaderNames.Cookie, cookies);
    }

    private static bool Passes(string name) =>
        Passed.Contains(name) || Array.Exists(PassedPrefixes, p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase));

    private static bool IsGrafanas(string cookie) => Array.Exists(CookiePrefixes, p => cookie.TrimStart().StartsWith(p, StringComparison.Ordinal));

    // The path goes on with its prefix: a URL that names it too means the same.
    private static string AddressOf(Uri grafana)
    {
        var address = grafana.AbsoluteUri.TrimEnd('/');
        return (address.EndsWith(Prefix, StringComparison.Ordinal) ? address[..^Prefix.Length] : address) + "/";
    }
}
