using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Tests.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>From a ServiceMonitor whose target fails to the message at a receiver that a NotificationChannel names, all of it in a cluster.</summary>
public sealed class AlertTests(KubernetesApiServer server) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("healthtrack-").FullName;
    private readonly ConcurrentQueue<JsonNode> _messages = new();
    private WebApplication _receiver = null!;
    private string _ns = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ns = await server.CreateNamespaceAsync(Token);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _receiver = builder.Build();
        _receiver.MapPost("/{**path}", async (HttpRequest request) => _messages.Enqueue((await JsonNode.ParseAsync(request.Body))!));
        await _receiver.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _receiver.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Run_TargetFailsAndRecovers_TheChannelIsToldAndItsStatusSaysSo()
    {
        await using var target = await StubTarget.StartAsync(Token);
        await using var running = await RunningOperator.StartAsync(
            server, server.Kubeconfig(await server.OperatorTokenAsync(Token)), _ns, $"sqlite:{Path.Combine(_folder, "healthtrack.db")}", Token);
        await PostAsync("/api/v1/namespaces/{0}/secrets", $$"""{"metadata":{"name":"hook"},"stringData":{"url":"{{_receiver.Urls.First()}}/s3cret"} }""");
        await PostAsync(
            "/apis/sre.healthtrack.io/v1alpha1/namespaces/{0}/notificationchannels",
            """{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"NotificationChannel","metadata":{"name":"hook"},"spec":{"type":"webhook","secretRef":{"name":"hook"} } }""");
        await PostAsync(
            "/apis/sre.healthtrack.io/v1alpha1/namespaces/{0}/notificationchannels",
            """{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"NotificationChannel","metadata":{"name":"mail"},"spec":{"type":"email","secretRef":{"name":"hook"} } }""");
        await PostAsync(
            "/apis/sre.healthtrack.io/v1alpha1/namespaces/{0}/notificationchannels",
            """{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"NotificationChannel","metadata":{"name":"lost"},"spec":{"type":"slack","secretRef":{"name":"lost"} } }""");
        await UntilReadyAsync("hook", "True");
        Assert.Contains("lost has no key url", await UntilReadyAsync("lost", "False"), StringComparison.Ordinal);
        Assert.Contains("slack and webhook", await UntilReadyAsync("mail", "False"), StringComparison.Ordinal);

        await running.ApplyAsync("shop", $$"""{"http":{"url":"{{target.Url}}"},"interval":"1s","failureThreshold":2,"alerts":{"channels":[{"name":"hook"}]} }""", Token);
        await running.UntilAsync("shop", s => (string?)s["health"] == "Healthy", "healthy", Token);
        await running.ApplyAsync("misspelled", $$"""{"http":{"url":"{{target.Url}}"},"interval":"1s","alerts":{"channels":[{"name":"hok"}]} }""", Token);
        await running.UntilAsync(
            "misspelled", s => s["conditions"]!.AsArray().Any(c => (string?)c!["reason"] == "ChannelNotFound" && (string?)c["status"] == "False"), "its channel is missed", Token);
        target.Status = 500;
        await Eventually.True(() => _messages.Any(m => (string?)m["signal"] == "down" && (string?)m["kind"] == "firing"), "its beginning is told", Token);
        target.Status = 200;
        await Eventually.True(() => _messages.Any(m => (string?)m["signal"] == "down" && (string?)m["kind"] == "resolved"), "its end is told", Token);

        Assert.Equal(2, _messages.Count(m => (string?)m["signal"] == "down"));
        await Eventually.TrueAsync(async () => (await StatusAsync("hook"))?["lastDelivery"]?["time"] is not null, "the channel says when it was told", Token);
        Assert.DoesNotContain("s3cret", (await StatusAsync("hook"))!.ToJsonString(), StringComparison.Ordinal);
    }

    private async Task PostAsync(string path, string body) =>
        await server.PostAsync(path.Replace("{0}", _ns, StringComparison.Ordinal), JsonNode.Parse(body)!, Token);

    private async Task<JsonNode?> StatusAsync(string name)
    {
        var path = $"/apis/sre.healthtrack.io/v1alpha1/namespaces/{_ns}/notificationchannels/{name}";
        return JsonNode.Parse(await server.Admin.GetStringAsync(new Uri(path, UriKind.Relative), Token))!["status"];
    }

    private async Task<string> UntilReadyAsync(string name, string status)
    {
        JsonNode? condition = null;
        await Eventually.TrueAsync(
            async () => (string?)(condition = (await StatusAsync(name))?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == "Ready"))?["status"] == status,
            $"{name} is Ready={status}", Token);
        return (string)condition!["message"]!;
    }
}
