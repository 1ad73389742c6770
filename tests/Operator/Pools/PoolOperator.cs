using System.Net;
using System.Text.Json.Nodes;
using HealthTrack.Contracts.Api;
using HealthTrack.Engine;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Pools;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Trust;
using HealthTrack.Probe;
using k8s;
using Microsoft.AspNetCore.Builder;
using System.Net.Http.Json;
using k8s.Models;

namespace HealthTrack.Operator.Tests.Pools;

/// <summary>The operator as it is composed to run with pools, in a namespace of its own, with the rights of config/rbac and no others.</summary>
internal sealed class PoolOperator : IAsyncDisposable
{
    private readonly KubernetesApiServer _server;
    private readonly WebApplication _app;
    private readonly HttpClient _api;
    private readonly string _folder;

    private PoolOperator(KubernetesApiServer server, string ns, WebApplication app, string folder)
    {
        (_server, Namespace, _app, _folder) = (server, ns, app, folder);
        _api = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public string Namespace { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<PoolOperator> StartAsync(
        KubernetesApiServer server, string ns, CancellationToken cancellationToken, bool inProcess = false, string? image = "registry.example/probe:1", params string[] others)
    {
        await AllowPoolsAsync(server, ns, cancellationToken);
        var cluster = KubernetesClientConfiguration.BuildConfigFromConfigFile(server.Kubeconfig(await server.OperatorTokenAsync(cancellationToken)));
        var folder = Directory.CreateTempSubdirectory("healthtrack-pools-").FullName;
        string[] namespaces = [ns, .. others];
        var app = EngineApp.Build(
            new EngineOptions { ApiPort = 0, Storage = $"sqlite:{Path.Combine(folder, "test.db")}" },
            services => services
                .AddKubernetes(cluster, namespaces)
                .AddTrust(new TrustOptions { Namespace = ns })
                .AddPools(new PoolOptions { Namespace = ns, InProcess = inProcess, ProbeImage = image }, namespaces)
                .AddCheckRunner());
        await app.StartAsync(cancellationToken);
        return new PoolOperator(server, ns, app, folder);
    }

    /// <summary>Applies an object with this spec (a Secret: data) as an admin would, in the operator's namespace where none is given.</summary>
    public async Task ApplyAsync(string kind, string name, string content, string? ns = null)
    {
        var (version, field) = kind is "Secret" ? ("v1", "data") : ("sre.healthtrack.io/v1alpha1", "spec");
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(
            file, $$"""{"apiVersion":"{{version}}","kind":"{{kind}}","metadata":{"name":"{{name}}","namespace":"{{ns ?? Namespace}}"},"{{field}}":{{content}} }""");
        await _server.ApplyAsync(file);
    }

    public Task<JsonNode?> PoolAsync(string name, CancellationToken cancellationToken, string? ns = null) =>
        GetAsync(V1Alpha1ProbePool.Definition.Path(new(ns ?? Namespace, name)), cancellationToken);

    public Task<JsonNode?> MonitorAsync(string name, CancellationToken cancellationToken) =>
        GetAsync(V1Alpha1ServiceMonitor.Definition.Path(new(Namespace, name)), cancellationToken);

    /// <summary>The object of a kind that a pool owns; null where there is none.</summary>
    public Task<JsonNode?> OwnedAsync<T>(string pool, CancellationToken cancellationToken) =>
        GetAsync(ResourceDefinition.Of<T>().Path(new(Namespace, $"healthtrack-probe-{pool}")), cancellationToken);

    public Task<JsonNode?> DeploymentAsync(string pool, CancellationToken cancellationToken) => OwnedAsync<V1Deployment>(pool, cancellationToken);

    public static async Task<JsonNode> UntilAsync(Func<Task<JsonNode?>> read, Func<JsonNode, bool> condition, string what, CancellationToken cancellationToken)
    {
        JsonNode? found = null;
        await Eventually.TrueAsync(async () => (found = await read()) is not null && condition(found), what, cancellationToken);
        return found!;
    }

    public Task<JsonNode> UntilConditionAsync(string pool, string type, string reason, CancellationToken cancellationToken, string? ns = null) => UntilAsync(
        () => PoolAsync(pool, cancellationToken, ns), p => (string?)Condition(p, type)?["reason"] == reason, $"{pool} is {type} because of {reason}", cancellationToken);

    public static JsonNode? Condition(JsonNode resource, string type) =>
        (resource["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => (string?)c!["type"] == type);

    public async Task<List<PoolRow>> PoolRowsAsync(CancellationToken cancellationToken) =>
        (await _api.GetFromJsonAsync<List<PoolRow>>(new Uri("/pools", UriKind.Relative), ApiJson.Options, cancellationToken))!;

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<JsonNode?> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _server.Admin.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
    }

    // The Role of config/rbac, in this namespace instead of healthtrack.
    private static async Task AllowPoolsAsync(KubernetesApiServer server, string ns, CancellationToken cancellationToken)
    {
        var documents = (await File.ReadAllTextAsync(Repository.File("config", "rbac", "operator.yaml"), cancellationToken)).Split("\n---\n");
        var roles = documents.Where(d => d.Contains("name: healthtrack-pools", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, roles.Count);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(
            file, string.Join("\n---\n", roles).Replace("\n  namespace: healthtrack\n", $"\n  namespace: {ns}\n", StringComparison.Ordinal), cancellationToken);
        await server.ApplyAsync(file, cancellationToken);
        File.Delete(file);
    }
}
