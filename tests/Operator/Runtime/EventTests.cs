using System.Text.Json.Nodes;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Operator.Tests.Runtime;

public sealed class EventTests(KubernetesApiServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Correlate_TheSame_CountsUp()
    {
        var time = new FakeTimeProvider();
        var correlator = new EventCorrelator(time);

        var first = correlator.Correlate(Note("down"))!;
        time.Advance(TimeSpan.FromMinutes(1));
        var second = correlator.Correlate(Note("down"))!;

        Assert.Equal(first with { Count = 2, Last = time.GetUtcNow() }, second);
    }

    [Fact]
    public void Correlate_ManyDifferentOfOneReason_AreToldAsOneFromTheEleventh()
    {
        var correlator = new EventCorrelator(new FakeTimeProvider());

        var told = Enumerable.Range(1, 14).Select(i => correlator.Correlate(Note($"took {i} ms"))!).ToList();

        Assert.Equal(11, told.Select(e => e.Name).Distinct().Count());
        Assert.Equal("took 10 ms", told[9].Message);
        Assert.StartsWith("More of the same", told[10].Message, StringComparison.Ordinal);
        Assert.Equal(4, told[13].Count);
    }

    [Fact]
    public void Correlate_OneTalksTooMuch_IsHeldBackAndOthersAreNot()
    {
        var time = new FakeTimeProvider();
        var correlator = new EventCorrelator(time);

        var written = Enumerable.Range(0, 100).Count(_ => correlator.Correlate(Note("down")) is not null);

        Assert.Equal(25, written);
        Assert.NotNull(correlator.Correlate(Note("down", uid: "other")));
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(correlator.Correlate(Note("down")));
        Assert.Null(correlator.Correlate(Note("down")));
    }

    [Fact]
    public async Task Publish_Twice_IsOneEventThatCounts_AndNewOnceItWasForgotten()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        using var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(server.AdminKubeconfig), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        var recorder = new EventRecorder(api, "healthtrack", TimeProvider.System, NullLogger<EventRecorder>.Instance);
        var widget = new Widget { ApiVersion = "example.com/v1", Kind = "Widget", Metadata = new() { Name = "w", NamespaceProperty = ns, Uid = "u1" } };

        await recorder.PublishAsync(widget, "ChecksFailing", "down", EventType.Warning, Token);
        await recorder.PublishAsync(widget, "ChecksFailing", "down", EventType.Warning, Token);
        var written = Assert.Single(await EventsAsync(ns));
        Assert.Equal(2, (int)written!["count"]!);
        Assert.Equal("Warning", (string?)written["type"]);
        Assert.Equal("u1", (string?)written["involvedObject"]!["uid"]);

        await server.KubectlAsync("delete", "event", (string)written["metadata"]!["name"]!, "-n", ns);
        await recorder.PublishAsync(widget, "ChecksFailing", "down", EventType.Warning, Token);
        Assert.Equal(1, (int)Assert.Single(await EventsAsync(ns))!["count"]!);
    }

    [Fact]
    public async Task Publish_Refused_IsLostAndNothingElse()
    {
        var ns = await server.CreateNamespaceAsync(Token);
        var token = await server.CreateServiceAccountAsync(ns, "nobody", Token);
        using var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig(token)), new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        var recorder = new EventRecorder(api, "healthtrack", TimeProvider.System, NullLogger<EventRecorder>.Instance);
        var widget = new Widget { ApiVersion = "example.com/v1", Kind = "Widget", Metadata = new() { Name = "w", NamespaceProperty = ns, Uid = "u1" } };

        await recorder.PublishAsync(widget, "ChecksFailing", "down", EventType.Warning, Token);

        Assert.Empty(await EventsAsync(ns));
    }

    private static EventNote Note(string message, string uid = "u1") =>
        new(new V1ObjectReference { Name = "w", NamespaceProperty = "n", Uid = uid }, EventType.Warning, "ChecksFailing", message);

    private async Task<JsonArray> EventsAsync(string ns) =>
        JsonNode.Parse(await server.KubectlAsync("get", "events", "-n", ns, "-o", "json"))!["items"]!.AsArray();
}
