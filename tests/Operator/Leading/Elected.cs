using System.Text.Json.Nodes;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Leadership;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Storage;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;

namespace HealthTrack.Operator.Tests.Leading;

/// <summary>One candidate for the Lease of a namespace, behind a proxy of its own, over what it has of a database.</summary>
internal sealed class Elected : IAsyncDisposable
{
    private readonly KubernetesApi _api;
    private readonly StubLifetime _lifetime = new();
    private bool _stopped;

    private Elected(FaultyProxy proxy, KubernetesApi api, string ns, IResultStore store, TimeProvider time)
    {
        Proxy = proxy;
        _api = api;
        Options = new LeaderElectionOptions { Lease = new ResourceKey(ns, "healthtrack"), Identity = LeaderElectionOptions.NewIdentity() };
        Registry = Metrics.NewCustomRegistry();
        Elector = new LeaderElector(
            new LeaseClient(api, Options, time), Options, new StoreClaim(store, new IntakeProgress(), new PipelineMetrics(Registry), time, NullLogger<StoreClaim>.Instance),
            new LeaderElectionMetrics(Registry, "healthtrack"), time, _lifetime, NullLogger<LeaderElector>.Instance);
    }

    public FaultyProxy Proxy { get; }

    public LeaderElectionOptions Options { get; }

    public CollectorRegistry Registry { get; }

    public LeaderElector Elector { get; }

    public bool Leads => ((ILeadership)Elector).IsLeader;

    public bool IsLost => Elector.Lost.IsCancellationRequested;

    public bool ProgramStopped => _lifetime.Stopped;

    public static async Task<Elected> StartAsync(
        KubernetesApiServer server, string ns, IResultStore store, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        var proxy = await FaultyProxy.StartAsync(server, cancellationToken);
        var api = new KubernetesApi(
            KubernetesClientConfiguration.BuildConfigFromConfigFile(server.KubeconfigThrough(proxy.Address)),
            new ControllerMetrics(Metrics.NewCustomRegistry()).Requests);
        var elected = new Elected(proxy, api, ns, store, time ?? TimeProvider.System);
        await elected.Elector.StartAsync(cancellationToken);
        return elected;
    }

    public Task UntilLeadsAsync(CancellationToken cancellationToken) => Eventually.True(() => Leads, $"{Options.Identity} leads", cancellationToken);

    public Task UntilLostAsync(CancellationToken cancellationToken) => Eventually.True(() => IsLost && ProgramStopped, $"{Options.Identity} leads no more", cancellationToken);

    /// <summary>As a program that stops in order.</summary>
    public async Task StopAsync()
    {
        _stopped = true;
        await Elector.StopAsync(CancellationToken.None);
    }

    /// <summary>As a machine that loses its network: it says nothing any more, and releases nothing.</summary>
    public void CutOff() => Proxy.Fault = FaultyProxy.HangAsync;

    public static async Task<JsonNode> LeaseAsync(KubernetesApiServer server, string ns, CancellationToken cancellationToken) =>
        JsonNode.Parse(await server.Admin.GetStringAsync(LeasePath(ns), cancellationToken))!;

    public static Uri LeasePath(string ns) => new($"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/healthtrack", UriKind.Relative);

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
            await Elector.StopAsync(CancellationToken.None);
        Elector.Dispose();
        _api.Dispose();
        await Proxy.DisposeAsync();
    }
}
