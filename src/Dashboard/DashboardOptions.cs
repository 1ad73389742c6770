using System.Net;
using HealthTrack.Dashboard.Routing;

namespace HealthTrack.Dashboard;

/// <summary>What one dashboard needs to know. <see cref="DashboardApp.Build(DashboardOptions)"/> refuses options that have <see cref="Problems"/>.</summary>
public sealed record DashboardOptions
{
    /// <summary>
    /// The base URLs of HealthTrack's API, one a process: absolute, http or https, a path allowed, no query and no user name. Of several, and of those behind a name
    /// with several addresses, the one that leads is asked.
    /// </summary>
    public IReadOnlyList<Uri> Apis { get; init; } = [new("http://127.0.0.1:8000")];

    /// <summary>The only one of <see cref="Apis"/>, or the first: what people are told.</summary>
    public Uri Api
    {
        get => Apis[0];
        init => Apis = [value];
    }

    /// <summary>The TCP port to listen on; 0: one that the system picks.</summary>
    public int Port { get; init; } = 3000;

    /// <summary>What a person sets <see cref="Port"/> with, named where the port cannot be used: a host with other ports has a flag of its own for this one.</summary>
    public string PortFlag { get; init; } = "--port";

    /// <summary>The IP address to listen on. Beyond loopback the dashboard is read-only: there is no sign-in yet that could tell who writes.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>Grafana's base URL, served under <c>/grafana/</c>; null: there is none.</summary>
    public Uri? Grafana { get; init; }

    /// <summary>A file with the API's bearer token, read anew for each request; null where the API asks for none.</summary>
    public string? ApiTokenFile { get; init; }

    /// <summary>True where only this machine can reach the dashboard.</summary>
    internal bool LoopbackOnly => IPAddress.TryParse(Bind, out var address) && IPAddress.IsLoopback(address);

    /// <summary>True where the API may be several processes, of which one leads.</summary>
    internal bool MayBeSeveral => Apis.Count > 1 || ApiResolver.MayBeSeveral(Api);

    /// <summary>A base URL as relative ones need it: ending in a slash.</summary>
    internal static Uri Base(Uri url) => new(url.AbsoluteUri.TrimEnd('/') + "/");

    /// <summary>One sentence for each setting that cannot be used, naming its flag and what would be right; empty where all can.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Apis.Count == 0)
            problems.Add("--api is empty: give HealthTrack's API as in http://127.0.0.1:8000, several by comma.");
        foreach (var url in Apis)
        {
            if (Unusable(url) is { } api)
                problems.Add($"--api {url} {api}: give HealthTrack's API as in http://127.0.0.1:8000, several by comma.");
        }
        if (Grafana is not null && Unusable(Grafana) is { } grafana)
            problems.Add($"--grafana {Grafana} {grafana}: give Grafana's address as in http://127.0.0.1:3001.");
        if (Port is < 0 or > 65535)
            problems.Add($"{PortFlag} {Port} is no TCP port: give a number from 0 to 65535.");
        if (ApiTokenFile is not null && !File.Exists(ApiTokenFile))
            problems.Add($"--api-token-file {ApiTokenFile} does not exist: give the file that holds the API's token.");
        if (!IPAddress.TryParse(Bind, out _))
            problems.Add($"--bind {Bind} is no IP address: give one as in 127.0.0.1, or 0.0.0.0 for all.");
        return problems;
    }

    private static string? Unusable(Uri url) =>
        !url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) ? "is no http or https URL"
        : url.UserInfo.Length > 0 ? "holds a user name, which would be shown and logged"
        : url.Query.Length > 0 || url.Fragment.Length > 0 ? "has a query or a fragment, which a base URL cannot"
        : null;
}
