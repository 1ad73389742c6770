using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using HealthTrack.Contracts.Api;
using HealthTrack.Contracts.Events;
using HealthTrack.Core.Checks;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Tests.Api;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Engine.Tests.Events;

/// <summary>From a result to the message in a topic, through the whole engine and over Kafka's protocol.</summary>
public sealed class KafkaTests : IDisposable
{
    private readonly MockCluster _kafka = MockCluster.Start();
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _kafka.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Publish_FailsAndRecovers_EachTopicTellsItOnce()
    {
        await using var host = await StartAsync();
        var shop = await host.DeclareAsync("shop", more: "alerts: {signals: [down]}");
        await using var worker = await host.WorkerAsync(Token);
        var start = host.Now - 5000;
        await worker.SendAsync(Token, EngineHost.Result(shop, start));
        await worker.SendAsync(Token, EngineHost.Result(shop, start + 1000, Outcome.Error));
        await UntilAsync(shop, Core.Sre.Health.Unhealthy);
        await Eventually.TrueAsync(async () => (await host.GetAsync<List<AlertRow>>("/alerts", Token)).Count == 1, "an alert", Token);
        await worker.SendAsync(Token, EngineHost.Result(shop, start + 2000));
        await UntilAsync(shop, Core.Sre.Health.Healthy);

        var checks = await _kafka.ReadAsync(EventTopics.Checks, null, 3, Token);
        Assert.Equal(["ok", "error", "ok"], checks.Select(c => (string?)Data(c)["status"]));
        var failed = checks[1];
        Assert.Equal("default/shop", failed.Message.Key);
        Assert.Equal("it failed", (string?)Data(failed)["error"]);
        Assert.Equal(
            new()
            {
                ["ce_specversion"] = "1.0",
                ["ce_id"] = $"default/shop/default/{start + 1000}",
                ["ce_type"] = "io.healthtrack.check.v1",
                ["ce_source"] = "https://healthtrack.example/",
                ["ce_subject"] = "default/shop",
                ["ce_time"] = (string?)Data(failed)["timestamp"] ?? "",
                ["content-type"] = "application/json",
            },
            failed.Message.Headers.ToDictionary(h => h.Key, h => Encoding.UTF8.GetString(h.GetValueBytes())));

        var changes = await _kafka.ReadAsync(EventTopics.Changes, null, 3, Token);
        Assert.Equal(
            [("Unknown", "Healthy"), ("Healthy", "Unhealthy"), ("Unhealthy", "Healthy")],
            changes.Select(c => ((string)Data(c)["previous_health"]!, (string)Data(c)["health"]!)));
        Assert.Equal(["firing", "resolved"], (await _kafka.ReadAsync(EventTopics.Alerts, null, 2, Token)).Select(c => (string?)Data(c)["state"]));
    }

    [Fact]
    public async Task Publish_KafkaAwayAndRestarted_LosesNothingAndSaysSo()
    {
        var sent = new List<long>();
        {
            await using var host = await StartAsync();
            var shop = await host.DeclareAsync("shop");
            await using var worker = await host.WorkerAsync(Token);
            await SendAsync(host, worker, shop, sent);
            await _kafka.ReadAsync(EventTopics.Checks, null, 1, Token);

            _kafka.Stop();
            await SendAsync(host, worker, shop, sent);
            await Eventually.TrueAsync(async () => (await ReadyAsync(host)).Status == "degraded", "/readyz says that Kafka is away", Token);
            Assert.Contains("healthtrack_kafka_up 0", await host.Client.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
            await SendAsync(host, worker, shop, sent);
        }
        _kafka.Resume();
        {
            await using var host = await StartAsync();
            var shop = await host.DeclareAsync("shop");
            await using var worker = await host.WorkerAsync(Token);
            await SendAsync(host, worker, shop, sent);
            var read = await _kafka.ReadAsync(EventTopics.Checks, "default/shop", sent.Count, Token);
            // At least once: what was under way when the broker went may be there twice, with the same id, and still in order.
            Assert.Equal(sent, read.Select(c => c.Message.Timestamp.UnixTimestampMs).Distinct());
            Assert.Equal("ok", (await ReadyAsync(host)).Status);
        }
    }

    [Fact]
    public async Task Publish_BrokerRefusesForAWhile_IsTriedAgain()
    {
        _kafka.FailProduce(Enumerable.Repeat(ErrorCode.NotEnoughReplicas, 3).Append(ErrorCode.TopicAuthorizationFailed));
        await using var host = await StartAsync();
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);
        var sent = new List<long>();
        for (var i = 0; i < 5; i++)
            await SendAsync(host, worker, shop, sent);

        var read = await _kafka.ReadAsync(EventTopics.Checks, null, sent.Count, Token);
        Assert.Equal(sent, read.Select(c => c.Message.Timestamp.UnixTimestampMs).Distinct());
    }

    [Fact]
    public async Task Publish_BrokerRefusesABatchForItsSize_SendsEachByItself()
    {
        _kafka.FailProduce(ErrorCode.MsgSizeTooLarge);
        await using var host = await StartAsync();
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);
        var due = host.Now - 3000;
        await worker.SendAsync(Token, [.. Enumerable.Range(0, 5).Select(i => EngineHost.Result(shop, due + i))]);
        var read = await _kafka.ReadAsync(EventTopics.Checks, null, 5, Token);
        Assert.Equal(Enumerable.Range(0, 5).Select(i => due + i), read.Select(c => c.Message.Timestamp.UnixTimestampMs).Order());
    }

    [Fact]
    public async Task Publish_OneThatIsTooLarge_IsCountedAndHoldsUpNoOther()
    {
        await using var host = await StartAsync(more: "message.max.bytes=1000\n");
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);
        var due = host.Now - 3000;
        await worker.SendAsync(
            Token, EngineHost.Result(shop, due), EngineHost.Result(shop, due + 1, Outcome.Error) with { Message = new string('x', 900) }, EngineHost.Result(shop, due + 2));
        var read = await _kafka.ReadAsync(EventTopics.Checks, null, 2, Token);
        Assert.Equal([due, due + 2], read.Select(c => c.Message.Timestamp.UnixTimestampMs));
        Assert.Contains("healthtrack_events_refused_total{topic=\"health_checks\",reason=\"too_large\"} 1", await host.Client.GetStringAsync("/metrics", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_OneThatIsInvalid_IsCountedAndHoldsUpNoOther()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var settings = new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, EnableIdempotence = true, LingerMs = 100, MessageTimeoutMs = 10_000 };
        using var sink = new KafkaSink(settings, new Uri("https://healthtrack.example"), new EventMetrics(registry), NullLogger<KafkaSink>.Instance);
        // The batch, and of it by itself the first.
        _kafka.FailProduce(ErrorCode.InvalidRecord, ErrorCode.InvalidRecord);
        await sink.PublishAsync([.. Enumerable.Range(1, 3).Select(i => new NewEvent(EventTopics.Checks, $"{i}", new("default", "shop"), i, "{}"))], Token);

        Assert.Equal([2L, 3L], (await _kafka.ReadAsync(EventTopics.Checks, null, 2, Token)).Select(c => c.Message.Timestamp.UnixTimestampMs));
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text, Token);
        Assert.Contains("healthtrack_events_refused_total{topic=\"health_checks\",reason=\"invalid\"} 1\n", Encoding.UTF8.GetString(text.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_AFileOfTheClientHasGone_IsAFailureThatPasses()
    {
        var settings = new ProducerConfig { BootstrapServers = _kafka.BootstrapServers, SecurityProtocol = SecurityProtocol.Ssl, SslCaLocation = _folder.File("gone.crt") };
        using var sink = new KafkaSink(settings, new Uri("https://healthtrack.example"), new EventMetrics(Prometheus.Metrics.NewCustomRegistry()), NullLogger<KafkaSink>.Instance);
        var happened = new NewEvent(EventTopics.Checks, "1", new("default", "shop"), 1, "{}");
        var problem = await Assert.ThrowsAsync<EventSinkException>(() => sink.PublishAsync([happened], Token));
        Assert.Contains("--kafka-config", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_OneTopicIsRefused_TheOthersGoOnAndItIsSaidUntilItIsTaken()
    {
        _kafka.RefuseTopic(EventTopics.Checks, ErrorCode.TopicAuthorizationFailed);
        await using var host = await StartAsync();
        var shop = await host.DeclareAsync("shop");
        await using var worker = await host.WorkerAsync(Token);
        var sent = new List<long>();
        await SendAsync(host, worker, shop, sent);
        await UntilAsync(shop, Core.Sre.Health.Healthy);

        Assert.Equal("Healthy", (string?)Data(Assert.Single(await _kafka.ReadAsync(EventTopics.Changes, null, 1, Token)))["health"]);
        await Eventually.TrueAsync(async () => (await ReadyAsync(host)).Status == "degraded", "/readyz says that a topic is refused", Token);

        _kafka.RefuseTopic(EventTopics.Checks, ErrorCode.NoError);
        var read = await _kafka.ReadAsync(EventTopics.Checks, null, sent.Count, Token);
        Assert.Equal(sent, read.Select(c => c.Message.Timestamp.UnixTimestampMs).Distinct());
        await Eventually.TrueAsync(async () => (await ReadyAsync(host)).Status == "ok", "/readyz says that all is well", Token);
    }

    [Fact]
    public async Task Start_EnabledForTheFirstTime_BeginsAtNow()
    {
        {
            await using var host = await StartAsync(kafka: false);
            var shop = await host.DeclareAsync("shop");
            await using var worker = await host.WorkerAsync(Token);
            await SendAsync(host, worker, shop, []);
        }
        await using var enabled = await StartAsync();
        var again = await enabled.DeclareAsync("shop");
        var sent = new List<long>();
        await Eventually.TrueAsync(async () => (await enabled.Client.GetStringAsync("/metrics", Token)).Contains("healthtrack_events_waiting{topic=\"health_alerts\"} 0", StringComparison.Ordinal), "all cursors are set", Token);
        await using var late = await enabled.WorkerAsync(Token);
        await SendAsync(enabled, late, again, sent);

        Assert.Equal(sent, (await _kafka.ReadAsync(EventTopics.Checks, null, 1, Token)).Select(c => c.Message.Timestamp.UnixTimestampMs));
    }

    private static async Task SendAsync(EngineHost host, TestWorker worker, MonitorState state, List<long> sent)
    {
        var due = Math.Max(host.Now - 3000, sent.Count > 0 ? sent[^1] + 1 : 0);
        sent.Add(due);
        await worker.SendAsync(Token, EngineHost.Result(state, due));
        await Eventually.TrueAsync(
            async () => (await host.GetAsync<List<CheckRow>>($"/services/{state.Id}/checks?limit=1", Token)) is [var newest] && newest.Timestamp.ToUnixTimeMilliseconds() == due,
            "it is stored", Token);
    }

    private static JsonNode Data(ConsumeResult<string, string> message) => JsonNode.Parse(message.Message.Value)!;

    private static Task UntilAsync(MonitorState state, Core.Sre.Health health) => Eventually.True(() => state.Health == health, $"it is {health}", Token);

    private static async Task<ComponentHealth> ReadyAsync(EngineHost host) => (await host.GetAsync<HealthReport>("/readyz", Token)).Components["kafka"];

    private Task<EngineHost> StartAsync(bool kafka = true, string more = "") => EngineHost.StartAsync(configure: options => options with
    {
        Storage = $"sqlite:{_folder.File("kept.db")}",
        Kafka = kafka ? _kafka.BootstrapServers : null,
        KafkaConfigFile = kafka ? Impatient(more) : null,
        PublicUrl = new Uri("https://healthtrack.example"),
    });

    // A batch without an answer is given up after a second, so that no test waits for the usual fifteen.
    private string Impatient(string more)
    {
        var file = _folder.File("kafka.properties");
        File.WriteAllText(file, "# for a test\nmessage.timeout.ms = 1000\nlinger.ms=1\n" + more);
        return file;
    }
}
