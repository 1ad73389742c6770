using System.Net;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace HealthTrack.Dashboard.Routing;

/// <summary>
/// Makes a destination of each address that the name of an API has, such as the pods behind a headless Service, and looks again every few seconds. A name
/// that has no address just now stays as it is, so that a dashboard starts before its API does.
/// </summary>
/// <param name="dns">Looks names up; throws where one has no address.</param>
/// <param name="time">The clock.</param>
internal sealed class ApiResolver(IDestinationResolver dns, TimeProvider time) : IDestinationResolver
{
    /// <summary>How often names are looked up.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>Whether a name may lead to several processes.</summary>
    public static bool MayBeSeveral(Uri url) => !url.IsLoopback && !IPAddress.TryParse(url.Host.Trim('[', ']'), out _);

    /// <inheritdoc/>
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        var tokens = new List<IChangeToken>();
        foreach (var (id, destination) in destinations)
        {
            if (!id.StartsWith(ProxyRoutes.ApiDestination, StringComparison.Ordinal) || !MayBeSeveral(new Uri(destination.Address)))
            {
                found[id] = destination;
                continue;
            }
            try
            {
                var resolved = await dns.ResolveDestinationsAsync(new Dictionary<string, DestinationConfig> { [id] = destination }, cancellationToken);
                foreach (var (each, address) in resolved.Destinations)
                    found[each] = address;
                if (resolved.ChangeToken is { } token)
                    tokens.Add(token);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // Said by FleetStream, as any API that does not answer.
                found[id] = destination;
                tokens.Add(new CancellationChangeToken(new CancellationTokenSource(Period, time).Token));
            }
        }
        return new ResolvedDestinationCollection(found, tokens.Count == 0 ? null : new CompositeChangeToken(tokens));
    }
}
