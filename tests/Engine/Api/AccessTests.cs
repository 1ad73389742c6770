using System.Net;
using HealthTrack.Engine.Api.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>Who may call what, with a host that knows its callers; bound wide, which stays on this machine's loopback here.</summary>
public sealed class AccessTests
{
    private const string Body = """{"name":"Shop","url":"http://127.0.0.1:9/","namespace":"a"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Routes_All_HaveExactlyOneClass()
    {
        await using var host = await EngineHost.StartAsync();
        var routes = host.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.NotEmpty(routes);
        Assert.All(routes, route => Assert.True(
            route.Metadata.GetOrderedMetadata<Access>().Count == 1, $"{route.DisplayName} must say once who may call it: see AccessMetadata."));
        // What changes something by its method is a write; but for those that carry their own credential in the path, which are listed here.
        var changing = routes.Where(r => r.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Any(m => m is not ("GET" or "HEAD" or "OPTIONS")) == true);
        Assert.All(
            changing.Where(r => r.RoutePattern.RawText is not ("/heartbeats/{token}" or "heartbeats/{token}")),
            route => Assert.Equal(AccessClass.Write, route.Metadata.GetMetadata<Access>()!.Class));
        Assert.Equal(
            ["/badges/{id:long}/uptime.svg", "/healthz", "/leaderz", "/metrics", "/readyz"],
            routes.Where(r => r.Metadata.GetMetadata<Access>()!.Class == AccessClass.Open).Select(r => r.RoutePattern.RawText).Order(StringComparer.Ordinal)
                .Where(p => p is not "/heartbeats/{token}"));
    }

    [Fact]
    public async Task Route_WithoutAClass_AnswersNobody()
    {
        await using var host = await EngineHost.StartAsync();
        host.App.MapGet("/forgotten", () => "secret");
        host.App.MapPost("/twice", () => "secret").OpenToAll().Reads(AccessScope.Known);
        using var forgotten = await host.Client.GetAsync("/forgotten", Cancel);
        using var twice = await host.PostAsync("/twice", "{}", Cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, forgotten.StatusCode);
        Assert.Equal(HttpStatusCode.InternalServerError, twice.StatusCode);
    }

    [Fact]
    public async Task Route_ThatForgetsToAsk_DoesNotAnswer()
    {
        await using var host = await EngineHost.StartAsync();
        host.App.MapPost("/silences", (HttpContext context) => context.Response.StatusCode = 201).WritesNamed("create");
        using var response = await host.PostAsync("/silences", "{}", Cancel);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task Wide_NoOrWrongCredential_IsRefusedEverywhere()
    {
        await using var host = await WideAsync(new NamespaceAuthority());
        foreach (var (method, path) in Calls)
        {
            foreach (var token in new[] { null, "wrong" })
            {
                using var response = await SendAsync(host, method, path, token);
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
                Assert.Single(response.Headers.WwwAuthenticate);
                Assert.DoesNotContain("wrong", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            }
        }
        var metrics = await host.Client.GetStringAsync("/metrics", Cancel);
        Assert.Contains($"healthtrack_api_refusals_total{{reason=\"no_credential\"}} {Calls.Length}", metrics, StringComparison.Ordinal);
        Assert.Contains($"healthtrack_api_refusals_total{{reason=\"wrong_credential\"}} {Calls.Length}", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Host", "localhost")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-HealthTrack-User", "admin")]
    public async Task Wide_ForgedHeaderWithoutCredential_IsRefused(string name, string value)
    {
        await using var host = await WideAsync(new NamespaceAuthority());
        foreach (var (method, path) in Calls)
        {
            using var response = await SendAsync(host, method, path, null, (name, value));
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task Write_OfANamespace_IsAllowedThereAlone()
    {
        await using var host = await WideAsync(new NamespaceAuthority());
        var inA = await host.DeclareAsync("old", "a");
        var inB = await host.DeclareAsync("old", "b");

        using var created = await SendAsync(host, HttpMethod.Post, "/services", "a", body: Body);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using var elsewhere = await SendAsync(host, HttpMethod.Post, "/services", "a", body: Body.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        await EngineHost.ProblemAsync(elsewhere, 403, Cancel);
        foreach (var (method, path) in new[] { (HttpMethod.Put, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/run"), (HttpMethod.Get, ""), (HttpMethod.Get, "/checks") })
        {
            using var refused = await SendAsync(host, method, $"/services/{inB.Id}{path}", "a", body: EngineHost.Manifest("old", "b"));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        Assert.True(host.Fleet.TryGet(inB.Key, out _));
        using var deleted = await SendAsync(host, HttpMethod.Delete, $"/services/{inA.Id}", "a");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
    }

    [Fact]
    public async Task Read_OfANamespace_IsAllowedThereAlone()
    {
        await using var host = await WideAsync(new NamespaceAuthority());
        var inA = await host.DeclareAsync("x", "a");
        foreach (var (path, status) in new[]
        {
            ("/services?namespace=a", 200), ("/services?namespace=b", 403), ("/services", 403), ("/stream", 403), ("/stream?namespace=a", 403), ("/workers", 403), ("/pools", 403),
            ($"/services/{inA.Id}", 200), ("/openapi/v1.json", 200), ("/nowhere", 404), ("/services/999", 404),
        })
        {
            using var response = await SendAsync(host, HttpMethod.Get, path, "a");
            Assert.True(status == (int)response.StatusCode, $"{path}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Secrets_Named_MustBeReadable()
    {
        var authority = new NamespaceAuthority();
        await using var host = await WideAsync(authority);
        var old = await host.DeclareAsync("old", "a");
        var named = EngineHost.Manifest("old", "a").Replace(
            "url: \"http://127.0.0.1:9/\"",
            "url: \"https://127.0.0.1:9/\", headers: [{name: X-A, valueFrom: {secretKeyRef: {name: forbidden, key: k}}}], tls: {caSecretRef: {name: ca}}",
            StringComparison.Ordinal);

        foreach (var (method, path) in new[] { (HttpMethod.Put, $"/services/{old.Id}"), (HttpMethod.Post, "/services") })
        {
            using var response = await SendAsync(host, method, path, "a", body: named.Replace("name: old", method == HttpMethod.Put ? "name: old" : "name: new", StringComparison.Ordinal), yaml: true);
            var problem = await EngineHost.ProblemAsync(response, 403, Cancel);
            Assert.Contains("forbidden", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        Assert.Contains(authority.Actions, a => a.Secrets.SequenceEqual(["ca", "forbidden"]));
    }

    [Fact]
    public async Task ForwardedUser_FromTheDashboardAlone_IsBelieved()
    {
        await using var host = await WideAsync(new NamespaceAuthority());
        (string, string) user = ("X-HealthTrack-User", "a");
        using var forged = await SendAsync(host, HttpMethod.Get, "/services?namespace=a", "a", user);
        await EngineHost.ProblemAsync(forged, 403, Cancel);
        using var asDashboard = await SendAsync(host, HttpMethod.Post, "/services", "dashboard", body: Body);
        Assert.Equal(HttpStatusCode.Forbidden, asDashboard.StatusCode);
        using var elsewhere = await SendAsync(host, HttpMethod.Post, "/services", "dashboard", user, body: Body.Replace("\"a\"", "\"b\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        using var created = await SendAsync(host, HttpMethod.Post, "/services", "dashboard", user, body: Body);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        foreach (var header in new[] { ("X-HealthTrack-User", "system:admin"), ("X-HealthTrack-User", ""), ("X-HealthTrack-Groups", "sre") })
        {
            using var refused = await SendAsync(host, HttpMethod.Get, "/services?namespace=a", "dashboard", header);
            await EngineHost.ProblemAsync(refused, 403, Cancel);
        }
    }

    [Fact]
    public async Task Loopback_ForwardedUserWithoutCredential_IsRefused()
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await SendAsync(host, HttpMethod.Get, "/services", null, ("X-HealthTrack-User", "admin"));
        await EngineHost.ProblemAsync(response, 403, Cancel);
        using var open = await SendAsync(host, HttpMethod.Get, "/healthz", null, ("X-HealthTrack-User", "admin"));
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
    }

    [Fact]
    public async Task Loopback_InAPod_AsksForACredential()
    {
        await using var host = await StartAsync(new NamespaceAuthority(), o => o with { CredentialOnLoopback = true });
        using var without = await SendAsync(host, HttpMethod.Get, "/services?namespace=a", null);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        using var with = await SendAsync(host, HttpMethod.Get, "/services?namespace=a", "a");
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Anonymous_Read_OpensReadsAlone(bool cluster)
    {
        await using var host = cluster
            ? await WideAsync(new NamespaceAuthority(), o => o with { AnonymousReads = true })
            : await EngineHost.StartAsync(configure: o => o with { Bind = "0.0.0.0", AnonymousReads = true });
        foreach (var (method, path) in Calls)
        {
            using var response = await SendAsync(host, method, path, null);
            if (method == HttpMethod.Get)
                Assert.Equal(path == "/services/1" ? HttpStatusCode.NotFound : HttpStatusCode.OK, response.StatusCode);
            else
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
        using var wrong = await SendAsync(host, HttpMethod.Get, "/services", "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        using var forged = await SendAsync(host, HttpMethod.Get, "/services", null, ("X-HealthTrack-User", "admin"));
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task Authority_Away_Is503WithASentence()
    {
        await using var host = await WideAsync(new NamespaceAuthority { Away = true });
        using var response = await SendAsync(host, HttpMethod.Post, "/services", "a", body: Body);
        var problem = await EngineHost.ProblemAsync(response, 503, Cancel);
        Assert.Equal("Nobody is there.", problem.GetProperty("detail").GetString());
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Stream_EndsWithItsCredential()
    {
        var authority = new NamespaceAuthority { Everywhere = true, Until = TimeProvider.System.GetUtcNow().AddSeconds(2).ToUnixTimeMilliseconds() };
        await using var host = await WideAsync(authority);
        using var response = await SendAsync(host, HttpMethod.Get, "/stream", "a");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        // Ends, and is not cut off.
        await response.Content.ReadAsStringAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);
    }

    [Fact]
    public async Task TokenFile_BesideAnAuthority_IsGoodToo()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("token"), "a-token-of-enough-length", Cancel);
        await using var host = await WideAsync(new NamespaceAuthority(), o => o with { ApiTokenFile = folder.File("token") });
        using var all = await SendAsync(host, HttpMethod.Get, "/services", "a-token-of-enough-length");
        Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        using var user = await SendAsync(host, HttpMethod.Get, "/services?namespace=a", "a");
        Assert.Equal(HttpStatusCode.OK, user.StatusCode);
        // For a user whom it names, the cluster judges: the token's own rights are not that user's.
        using var forwarded = await SendAsync(host, HttpMethod.Get, "/services", "a-token-of-enough-length", ("X-HealthTrack-User", "a"));
        Assert.Equal(HttpStatusCode.Forbidden, forwarded.StatusCode);
    }

    private static (HttpMethod Method, string Path)[] Calls =>
    [
        (HttpMethod.Get, "/services"), (HttpMethod.Get, "/services/1"), (HttpMethod.Get, "/workers"), (HttpMethod.Get, "/pools"), (HttpMethod.Get, "/stream"), (HttpMethod.Get, "/openapi/v1.json"),
        (HttpMethod.Post, "/services"), (HttpMethod.Put, "/services/1"), (HttpMethod.Delete, "/services/1"), (HttpMethod.Post, "/services/1/run"), (HttpMethod.Post, "/checks/try"),
    ];

    private static Task<EngineHost> WideAsync(NamespaceAuthority authority, Func<EngineOptions, EngineOptions>? configure = null) =>
        StartAsync(authority, o => (configure?.Invoke(o) ?? o) with { Bind = "0.0.0.0" });

    private static Task<EngineHost> StartAsync(NamespaceAuthority authority, Func<EngineOptions, EngineOptions> configure) => EngineHost.StartAsync(
        compose: services => services.AddSingleton<IApiAuthority>(authority), configure: o => configure(o with { HostAuthority = true }));

    private static Task<HttpResponseMessage> SendAsync(
        EngineHost host, HttpMethod method, string path, string? token, (string Name, string Value)? header = null, string? body = null, bool yaml = false)
    {
        var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        if (header is { } h)
            request.Headers.TryAddWithoutValidation(h.Name, h.Value);
        if (method != HttpMethod.Get)
            request.Content = new StringContent(body ?? Body, null, yaml || body?.StartsWith("apiVersion", StringComparison.Ordinal) == true ? "application/yaml" : "application/json");
        return host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}
