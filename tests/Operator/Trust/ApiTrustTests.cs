using System.Net;
using System.Text.Json.Nodes;
using HealthTrack.Core.Alerts;
using HealthTrack.Engine.Storage;
using HealthTrack.Operator.Tests.Cluster;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Operator.Tests.Trust;

/// <summary>What a caller of the API may do is what the cluster lets them do.</summary>
public sealed class ApiTrustTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Editor_OfOneNamespace_WritesThereAndNowhereElse()
    {
        var (mine, other) = (await server.CreateNamespaceAsync(Token), await server.CreateNamespaceAsync(Token));
        await server.CreateAccountAsync(mine, "deployer", Token);
        await server.MakeEditorAsync(mine, mine, "deployer", Token);
        await server.CreateAccountAsync(other, "deployer", Token);
        await server.MakeEditorAsync(other, other, "deployer", Token);
        var token = await server.TokenAsync(mine, "deployer", Token);
        await using var running = await GuardedOperator.StartAsync(server, [mine, other], Token);

        using var created = await running.SendAsync(HttpMethod.Post, "/services", token, Token, Service(mine));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using var theirs = await running.SendAsync(HttpMethod.Post, "/services", await server.TokenAsync(other, "deployer", Token, "healthtrack"), Token, Service(other));
        Assert.Equal(HttpStatusCode.Created, theirs.StatusCode);

        using var elsewhere = await running.SendAsync(HttpMethod.Post, "/services", token, Token, Service(other, "new"));
        var refusal = await ProblemAsync(elsewhere, HttpStatusCode.Forbidden);
        Assert.Equal(
            $"system:serviceaccount:{mine}:deployer may not create servicemonitors.sre.healthtrack.io in namespace \"{other}\".", refusal);
        using var tried = await running.SendAsync(HttpMethod.Post, "/checks/try", token, Token, Service(other));
        Assert.NotEqual(HttpStatusCode.OK, tried.StatusCode);
        var path = theirs.Headers.Location!.OriginalString;
        foreach (var (method, of) in new[] { (HttpMethod.Delete, path), (HttpMethod.Put, path), (HttpMethod.Post, $"{path}/run"), (HttpMethod.Get, path), (HttpMethod.Get, "/services") })
        {
            using var refused = await running.SendAsync(method, of, token, Token, method == HttpMethod.Put ? Service(other) : null);
            await ProblemAsync(refused, HttpStatusCode.Forbidden);
        }
        using var listed = await running.SendAsync(HttpMethod.Get, $"/services?namespace={mine}", token, Token);
        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
        using var deleted = await running.SendAsync(HttpMethod.Delete, created.Headers.Location!.OriginalString, token, Token);
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
    }

    [Fact]
    public async Task Viewer_ReadsAndDoesNotWrite()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await server.CreateAccountAsync(ns, "viewer", Token);
        await server.BindAsync(ns, "healthtrack-view", Accounts.Account(ns, "viewer"), Token);
        var token = await server.TokenAsync(ns, "viewer", Token);
        await using var running = await GuardedOperator.StartAsync(server, [ns], Token);

        using var listed = await running.SendAsync(HttpMethod.Get, $"/services?namespace={ns}", token, Token);
        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
        using var refused = await running.SendAsync(HttpMethod.Post, "/services", token, Token, Service(ns));
        await ProblemAsync(refused, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Viewer_OfAllThatIsWatched_SeesNothingOfWhatWasWatchedBefore()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await server.CreateAccountAsync(ns, "viewer", Token);
        await server.BindAsync(ns, "healthtrack-view", Accounts.Account(ns, "viewer"), Token);
        var token = await server.TokenAsync(ns, "viewer", Token);
        await using var running = await GuardedOperator.StartAsync(server, [ns], Token);
        var (now, before) = (new AlertSubject(1, new(ns, "shop")), new AlertSubject(2, new("payroll", "salaries")));
        await running.Services.GetRequiredService<IResultStore>().Alerts.SaveAlertsAsync(
            new([Alert(now), Alert(before)], [Incident(now), Incident(before)], []), Token);

        foreach (var path in new[] { "/alerts", "/incidents", "/alerts?service=2", "/incidents?service=2" })
        {
            using var listed = await running.SendAsync(HttpMethod.Get, path, token, Token);
            Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
            var rows = JsonNode.Parse(await listed.Content.ReadAsStringAsync(Token))!.AsArray();
            Assert.Equal(path.Contains('?', StringComparison.Ordinal) ? [] : [ns], rows.Select(r => (string?)r!["namespace"]));
        }
    }

    [Fact]
    public async Task Secret_NamedByWhoMayNotReadIt_IsRefused()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await server.CreateAccountAsync(ns, "deployer", Token);
        await server.MakeEditorAsync(ns, ns, "deployer", Token);
        await server.AllowSecretAsync(ns, "allowed", "deployer", Token);
        var token = await server.TokenAsync(ns, "deployer", Token);
        await using var running = await GuardedOperator.StartAsync(server, [ns], Token);

        using var refused = await running.SendAsync(HttpMethod.Post, "/services", token, Token, WithSecret(ns, "stolen", "admin-password"));
        Assert.Contains($"may not get secrets \"admin-password\" in namespace \"{ns}\"", await ProblemAsync(refused, HttpStatusCode.Forbidden), StringComparison.Ordinal);
        using var created = await running.SendAsync(HttpMethod.Post, "/services", token, Token, WithSecret(ns, "fine", "allowed"));
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using var changed = await running.SendAsync(HttpMethod.Put, created.Headers.Location!.OriginalString, token, Token, WithSecret(ns, "fine", "admin-password"));
        await ProblemAsync(changed, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Token_WrongEndedOrForAnother_Is401()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await server.CreateAccountAsync(ns, "deployer", Token);
        await server.MakeEditorAsync(ns, ns, "deployer", Token);
        await using var running = await GuardedOperator.StartAsync(server, [ns], Token);
        var good = await server.TokenAsync(ns, "deployer", Token, "healthtrack");

        // The same way of signing as the ended one, so that it is refused for its end and nothing else.
        foreach (var token in new[] { good, await server.EndedTokenAsync(ns, "deployer", "healthtrack", -600, Token) })
        {
            using var listed = await running.SendAsync(HttpMethod.Get, $"/services?namespace={ns}", token, Token);
            Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
        }
        foreach (var token in new[]
        {
            null, "wrong", $"{good}x", good.Replace('.', ' '), new string('a', 20_000),
            await server.EndedTokenAsync(ns, "deployer", "healthtrack", 60, Token), await server.TokenAsync(ns, "deployer", Token, "vault"),
        })
        {
            using var refused = await running.SendAsync(HttpMethod.Get, $"/services?namespace={ns}", token, Token);
            var sentence = await ProblemAsync(refused, HttpStatusCode.Unauthorized);
            Assert.Single(refused.Headers.WwwAuthenticate);
            Assert.DoesNotContain(token ?? "?", sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ForwardedUser_FromTheDashboard_IsJudgedAsThatUser()
    {
        var (ns, other) = (await server.CreateNamespaceAsync(Token), await server.CreateNamespaceAsync(Token));
        await server.CreateAccountAsync(ns, "dashboard", Token);
        await server.CreateAccountAsync(ns, "deployer", Token);
        await server.MakeEditorAsync(ns, ns, "deployer", Token);
        foreach (var role in new[] { "healthtrack-view", "healthtrack-edit" })
            await server.BindAsync(ns, role, Accounts.Group("sre"), Token);
        var dashboard = await server.TokenAsync(ns, "dashboard", Token, "healthtrack");
        await using var running = await GuardedOperator.StartAsync(server, [ns, other], Token, dashboard: $"{ns}/dashboard");
        (string, string)[] alice = [("X-HealthTrack-User", "alice@example.com"), ("X-HealthTrack-Groups", "dev,sre")];
        (string, string)[] bob = [("X-HealthTrack-User", "bob@example.com")];

        using var created = await running.SendAsync(HttpMethod.Post, "/services", dashboard, Token, Service(ns), alice);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        using var elsewhere = await running.SendAsync(HttpMethod.Post, "/services", dashboard, Token, Service(other), alice);
        Assert.StartsWith("alice@example.com may not create", await ProblemAsync(elsewhere, HttpStatusCode.Forbidden), StringComparison.Ordinal);
        using var another = await running.SendAsync(HttpMethod.Post, "/services", dashboard, Token, Service(ns, "new"), bob);
        await ProblemAsync(another, HttpStatusCode.Forbidden);
        using var itself = await running.SendAsync(HttpMethod.Post, "/services", dashboard, Token, Service(ns, "new"));
        await ProblemAsync(itself, HttpStatusCode.Forbidden);
        using var masters = await running.SendAsync(
            HttpMethod.Post, "/services", dashboard, Token, Service(other), ("X-HealthTrack-User", "eve"), ("X-HealthTrack-Groups", "system:masters"));
        await ProblemAsync(masters, HttpStatusCode.Forbidden);
        // Somebody who may write here, but not speak for others.
        using var forged = await running.SendAsync(HttpMethod.Post, "/services", await server.TokenAsync(ns, "deployer", Token), Token, Service(ns, "new"), alice);
        Assert.Contains("believed only from the dashboard", await ProblemAsync(forged, HttpStatusCode.Forbidden), StringComparison.Ordinal);
        using var nobody = await running.SendAsync(HttpMethod.Post, "/services", null, Token, Service(ns, "new"), alice);
        await ProblemAsync(nobody, HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Anonymous_Read_OpensReadsAlone()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await using var running = await GuardedOperator.StartAsync(server, [ns], Token, anonymousReads: true);

        using var listed = await running.SendAsync(HttpMethod.Get, "/services", null, Token);
        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
        foreach (var path in new[] { "/services", "/checks/try", "/services/1/run" })
        {
            using var refused = await running.SendAsync(HttpMethod.Post, path, null, Token, Service(ns));
            await ProblemAsync(refused, HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task ApiServer_Away_WritesAre503AndKnownReadersReadOn()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        await server.CreateAccountAsync(ns, "deployer", Token);
        await server.MakeEditorAsync(ns, ns, "deployer", Token);
        var (known, unknown) = (await server.TokenAsync(ns, "deployer", Token), await server.TokenAsync(ns, "deployer", Token, "healthtrack"));
        await using var running = await GuardedOperator.StartAsync(server, [ns], Token);
        using var before = await running.SendAsync(HttpMethod.Get, $"/services?namespace={ns}", known, Token);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);

        running.Proxy.Fault = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        using var read = await running.SendAsync(HttpMethod.Get, $"/services?namespace={ns}", known, Token);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        using var write = await running.SendAsync(HttpMethod.Post, "/services", known, Token, Service(ns));
        Assert.Contains("cannot be asked", await ProblemAsync(write, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        using var stranger = await running.SendAsync(HttpMethod.Get, $"/services?namespace={ns}", unknown, Token);
        await ProblemAsync(stranger, HttpStatusCode.ServiceUnavailable);
    }

    private static AlertRecord Alert(AlertSubject subject) => new()
    {
        Subject = subject,
        Signal = AlertSignal.Down,
        StartedAt = 1000,
        State = AlertState.Firing,
        Severity = AlertSeverity.Warning,
        Reason = "ChecksFailing",
        Message = "connection refused",
    };

    private static Incident Incident(AlertSubject subject) => new() { Subject = subject, StartedAt = 1000, Reason = "ChecksFailing", Message = "connection refused" };

    private static object Service(string ns, string name = "shop") => new { name, url = "http://127.0.0.1:9/", @namespace = ns };

    private static JsonNode WithSecret(string ns, string name, string secret) => JsonNode.Parse($$"""
        {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{name}}","namespace":"{{ns}}"},
         "spec":{"http":{"url":"https://127.0.0.1:9/","auth":{"bearer":{"token":{"secretKeyRef":{"name":"{{secret}}","key":"token"} } } } } } }
        """)!;

    private static async Task<string> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == response.StatusCode, $"{response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (string)JsonNode.Parse(text)!["detail"]!;
    }
}
