using System.Net;
using HealthTrack.Dashboard.Api;
using HealthTrack.Dashboard.Routing;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace HealthTrack.Dashboard.Tests;

/// <summary>Several processes of the API, of which one leads.</summary>
public sealed class LeaderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Request_OfSeveralProcesses_GoesToTheOneThatLeads()
    {
        await using var one = await StubApi.StartAsync(Rows.Service(1, "of one"));
        await using var two = await StubApi.StartAsync(Rows.Service(2, "of two"));
        one.Leads = false;
        await using var dashboard = await RunningDashboard.StartAsync(new DashboardOptions { Apis = [one.Url, two.Url], Port = 0 });
        await dashboard.UntilAsync(f => f.Status() is { Link: LinkState.Live, Services: 1 } && f.Find(2) is not null);
        await UntilAsync(dashboard, HttpStatusCode.OK, "of two");

        // Another takes over: requests and the dashboard's own stream follow it.
        (one.Leads, two.Leads) = (true, false);
        two.CloseStreams();
        await UntilAsync(dashboard, HttpStatusCode.OK, "of one");
        await dashboard.UntilAsync(f => f.Status().Link == LinkState.Live && f.Find(1) is not null && f.Find(2) is null);
    }

    [Fact]
    public async Task Request_NoneLeads_Is503ThatSaysSo()
    {
        await using var one = await StubApi.StartAsync();
        await using var two = await StubApi.StartAsync();
        one.Leads = two.Leads = false;
        await using var dashboard = await RunningDashboard.StartAsync(new DashboardOptions { Apis = [one.Url, two.Url], Port = 0 });
        using var response = await UntilAsync(dashboard, HttpStatusCode.ServiceUnavailable, "No process of the API leads");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("2", response.Headers.GetValues("Retry-After").Single());
    }

    [Theory]
    [InlineData("http://127.0.0.1:8000", false)]
    [InlineData("http://localhost:8000", false)]
    [InlineData("http://[::1]:8000", false)]
    [InlineData("http://10.1.2.3:8000", false)]
    [InlineData("http://healthtrack-api.ops.svc:8000", true)]
    public void MayBeSeveral_OneUrl_IsWhatItsNameAllows(string url, bool expected) =>
        Assert.Equal(expected, new DashboardOptions { Api = new Uri(url) }.MayBeSeveral);

    [Fact]
    public async Task Resolve_ANameWithAddresses_IsADestinationEach()
    {
        var resolver = new ApiResolver(new FakeDns("10.0.0.1", "10.0.0.2"), new FakeTimeProvider());
        var found = await resolver.ResolveDestinationsAsync(Destinations("http://api.ops.svc:8000/", "http://10.9.9.9:8000/"), Stop);
        Assert.Equal(
            ["http://10.0.0.1:8000/", "http://10.0.0.2:8000/", "http://10.9.9.9:8000/", "http://grafana.ops.svc/"],
            found.Destinations.Values.Select(d => d.Address).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Resolve_ANameWithoutAddress_StaysAndIsLookedUpAgain()
    {
        var time = new FakeTimeProvider();
        var resolver = new ApiResolver(new FakeDns(), time);
        var found = await resolver.ResolveDestinationsAsync(Destinations("http://api.ops.svc:8000/"), Stop);
        Assert.Contains(found.Destinations.Values, d => d.Address == "http://api.ops.svc:8000/");
        Assert.False(found.ChangeToken!.HasChanged);
        time.Advance(ApiResolver.Period);
        Assert.True(found.ChangeToken.HasChanged);
    }

    [Fact]
    public async Task Start_ANameThatNobodyKnows_ServesAndSaysThatTheApiIsAway()
    {
        await using var dashboard = await RunningDashboard.StartAsync(new Uri("http://api.healthtrack.invalid:8000"));
        await dashboard.UntilAsync(f => f.Status().Link == LinkState.Away);
        using var page = await dashboard.Http.GetAsync("/", Stop);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var response = await dashboard.Http.GetAsync("/api/services", Stop);
        Assert.Contains(response.StatusCode, new[] { HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable });
    }

    private static Dictionary<string, DestinationConfig> Destinations(params string[] apis) => apis
        .Select((url, i) => ($"{ProxyRoutes.ApiDestination}{i}", url))
        .Append((GrafanaRoute.Id, "http://grafana.ops.svc/"))
        .ToDictionary(d => d.Item1, d => new DestinationConfig { Address = d.Item2 });

    private static async Task<HttpResponseMessage> UntilAsync(RunningDashboard dashboard, HttpStatusCode status, string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var response = await dashboard.Http.GetAsync("/api/services", limit.Token);
            if (response.StatusCode == status && (await response.Content.ReadAsStringAsync(limit.Token)).Contains(text, StringComparison.Ordinal))
                return response;
            response.Dispose();
        }
    }

    private sealed class FakeDns(params string[] addresses) : IDestinationResolver
    {
        public ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
            IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
        {
            if (addresses.Length == 0)
                throw new InvalidOperationException("no such name");
            var found = destinations.SelectMany(d => addresses.Select(a => ($"{d.Key}[{a}]", new UriBuilder(d.Value.Address) { Host = a }.Uri.AbsoluteUri)));
            return new(new ResolvedDestinationCollection(found.ToDictionary(f => f.Item1, f => new DestinationConfig { Address = f.Item2 }), null));
        }
    }
}
