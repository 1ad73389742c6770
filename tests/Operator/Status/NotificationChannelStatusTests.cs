using System.Text.Json.Nodes;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Alerts.Channels;
using HealthTrack.Operator.Controllers;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace HealthTrack.Operator.Tests.Status;

/// <summary>What the status of a channel says, and when nothing is said, over a real API server.</summary>
public sealed class NotificationChannelStatusTests(KubernetesApiServer server) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(57));
    private readonly Vault _vault = new();
    private readonly Lease _lease = new();
    private KubernetesApi _api = null!;
    private ResourceClient<V1Alpha1NotificationChannel> _client = null!;
    private ResourceKey _key;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Path => $"/apis/sre.healthtrack.io/v1alpha1/namespaces/{_key.Namespace}/notificationchannels";

    public async ValueTask InitializeAsync()
    {
        _key = new ResourceKey(await server.CreateNamespaceAsync(Token), "hook");
        _api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig(await server.OperatorTokenAsync(Token))),
            new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        _client = new ResourceClient<V1Alpha1NotificationChannel>(_api, V1Alpha1NotificationChannel.Definition);
        await server.PostAsync(
            Path,
            JsonNode.Parse(
                """{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"NotificationChannel","metadata":{"name":"hook"},"spec":{"type":"webhook","secretRef":{"name":"hook"} } }""")!,
            Token);
    }

    public ValueTask DisposeAsync()
    {
        _api.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Reconcile_ByANewLeaderThatCannotReadTheSecret_LeavesWhatWasSaid()
    {
        await ReconcileAsync(Controller());
        Assert.Equal(("False", "SecretNotFound"), await ReadyAsync());

        _vault.Broken = new SecretUnavailableException("busy");
        var successor = Controller();
        await ReconcileAsync(successor);
        Assert.Equal(("False", "SecretNotFound"), await ReadyAsync());

        _vault.Broken = null;
        _vault.Address = "http://127.0.0.1:9/";
        _time.Advance(TimeSpan.FromSeconds(10));
        await ReconcileAsync(successor);
        Assert.Equal(("True", "Operating"), await ReadyAsync());
    }

    [Fact]
    public async Task Reconcile_OfAChannelOfWhichNothingIsKnown_SaysNothing()
    {
        _vault.Broken = new SecretUnavailableException("busy");
        await ReconcileAsync(Controller());
        Assert.Null(await ReadyAsync());
    }

    [Fact]
    public async Task Reconcile_ThatWinsTheLeaseMeanwhile_DoesNotSayWhatItHasNotLookedAt()
    {
        _lease.Held = false;
        _lease.AfterNext = true;
        await ReconcileAsync(Controller());
        Assert.Null(await ReadyAsync());
    }

    private NotificationChannelController Controller()
    {
        var channels = new KubernetesChannels(_key.Namespace!, () => Task.CompletedTask);
        return new(
            channels,
            new ChannelWatch(channels, _vault, [new WebhookSender(new HttpPost(null!, _time), null!)], _time, NullLogger<ChannelWatch>.Instance),
            _client, _lease, _time);
    }

    private async Task ReconcileAsync(NotificationChannelController controller) => await controller.ReconcileAsync((await _client.FindAsync(_key, Token))!, Token);

    private async Task<(string?, string?)?> ReadyAsync()
    {
        var said = (await _client.FindAsync(_key, Token))!.ReadStatus()?.Conditions?.SingleOrDefault(c => c.Type == "Ready");
        return said is null ? null : (said.Status, said.Reason);
    }

    private sealed class Vault : ISecretSource
    {
        public Exception? Broken { get; set; }

        public string? Address { get; set; }

        public ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken) => Broken is null ? new(Address) : throw Broken;
    }

    private sealed class Lease : ILeaseHold
    {
        public bool Held { get; set; } = true;

        /// <summary>Whether it is held once it was asked for.</summary>
        public bool AfterNext { get; set; } = true;

        public bool IsHeld
        {
            get
            {
                var held = Held;
                Held = AfterNext;
                return held;
            }
        }
    }
}
