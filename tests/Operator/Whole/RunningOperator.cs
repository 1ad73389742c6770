using System.Text.Json.Nodes;
using HealthTrack.Engine;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Probe;
using k8s;
using Microsoft.AspNetCore.Builder;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>The operator as it is composed to run, with a worker in its process and a store of its own.</summary>
internal sealed class RunningOperator : IAsyncDisposable
{
    private readonly KubernetesApiServer _server;
    private readonly string _ns;
    private readonly WebApplication _app;

    private RunningOperator(KubernetesApiServer server, string ns, WebApplication app)
    {
        _server = server;
        _ns = ns;
        _app = app;
        Api = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Api { get; }

    public static async Task<RunningOperator> StartAsync(
        KubernetesApiServer server, string kubeconfig, string ns, string storage, CancellationToken cancellationToken)
    {
        var app = EngineApp.Build(
            new EngineOptions { ApiPort = 0, Storage = storage },
            services => services
                .AddKubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), [ns])
                .AddProbe(probe => (probe.DenyLoopback, probe.HandOverTimeout) = (false, TimeSpan.Zero)));
        await app.StartAsync(cancellationToken);
        return new RunningOperator(server, ns, app);
    }

    public async Task ApplyAsync(string name, string spec, CancellationToken cancellationToken)
    {
        var manifest = $$"""{"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"{{name}}","namespace":"{{_ns}}"},"spec":{{spec}} }""";
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, manifest, cancellationToken);
            await _server.ApplyAsync(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public async Task<JsonNode?> StatusAsync(string name, CancellationToken cancellationToken)
    {
        var path = V1Alpha1ServiceMonitor.Definition.Path(new(_ns, name));
        return JsonNode.Parse(await _server.Admin.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken))!["status"];
    }

    public async Task<JsonNode> UntilAsync(string name, Func<JsonNode, bool> condition, string what, CancellationToken cancellationToken)
    {
        JsonNode? status = null;
        await Eventually.TrueAsync(
            async () => (status = await StatusAsync(name, cancellationToken)) is not null && condition(status), what, cancellationToken);
        return status!;
    }

    public static JsonNode? Condition(JsonNode status, string type) => status["conditions"]!.AsArray().SingleOrDefault(c => (string?)c!["type"] == type);

    public async Task<JsonArray> GetServicesAsync(CancellationToken cancellationToken) =>
        JsonNode.Parse(await Api.GetStringAsync(new Uri("/services", UriKind.Relative), cancellationToken))!.AsArray();

    /// <summary>The stored checks of a service, newest first.</summary>
    public async Task<JsonArray> GetChecksAsync(long id, CancellationToken cancellationToken) =>
        JsonNode.Parse(await Api.GetStringAsync(new Uri($"/services/{id}/checks?limit=1000", UriKind.Relative), cancellationToken))!.AsArray();

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
