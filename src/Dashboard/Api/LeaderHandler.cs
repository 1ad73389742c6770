using HealthTrack.Dashboard.Routing;
using Yarp.ReverseProxy;

namespace HealthTrack.Dashboard.Api;

/// <summary>Sends the dashboard's own requests where the proxy sends its visitors': to the process of the API that leads.</summary>
internal sealed class LeaderHandler(IProxyStateLookup proxy, DashboardOptions options) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (options.MayBeSeveral && proxy.TryGetCluster(ProxyRoutes.ApiCluster, out var cluster))
        {
            if (cluster.DestinationsState.AvailableDestinations is not [{ Model.Config: var leader }, ..])
                throw new NoLeaderException();
            // A name that was looked up stays the Host, and with it what a certificate is checked against.
            request.Headers.Host = leader.Host ?? request.Headers.Host;
            request.RequestUri = new Uri(new Uri(leader.Address.TrimEnd('/') + "/"), DashboardOptions.Base(options.Api).MakeRelativeUri(request.RequestUri!));
        }
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>Of all processes of the API none leads.</summary>
internal sealed class NoLeaderException() : HttpRequestException(Sentence)
{
    /// <summary>For people.</summary>
    public const string Sentence = "No process of the API leads just now, or none answers: one takes over within half a minute. Try again then.";
}
