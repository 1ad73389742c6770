using System.Net.Http.Json;
using HealthTrack.Engine;
using HealthTrack.Operator.Tests.Cluster;
using HealthTrack.Operator.Trust;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Operator.Tests.Trust;

/// <summary>The operator with config/rbac's rights, bound wide and called on a second loopback address: what a pod's neighbour sees. Nothing leaves this machine.</summary>
internal sealed class GuardedOperator : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;

    private GuardedOperator(DirectoryInfo folder, FaultyProxy proxy, WebApplication app)
    {
        _folder = folder;
        Proxy = proxy;
        _app = app;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First().Replace("0.0.0.0", "127.0.0.2", StringComparison.Ordinal)) };
    }

    /// <summary>Between the operator and the API server.</summary>
    public FaultyProxy Proxy { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<GuardedOperator> StartAsync(
        KubernetesApiServer server, string[] namespaces, CancellationToken cancellationToken, string? dashboard = null, bool anonymousReads = false)
    {
        var folder = Directory.CreateTempSubdirectory("healthtrack-");
        var proxy = await FaultyProxy.StartAsync(server, cancellationToken);
        var kubeconfig = server.Kubeconfig(await server.OperatorTokenAsync(cancellationToken), proxy.Address);
        var app = EngineApp.Build(
            new EngineOptions
            {
                ApiPort = 0,
                Bind = "0.0.0.0",
                HostAuthority = true,
                AnonymousReads = anonymousReads,
                Storage = $"sqlite:{Path.Combine(folder.FullName, "test.db")}",
            },
            services => services
                .AddLogging(logging => logging.ClearProviders())
                .AddKubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig), namespaces)
                .AddTrust(new TrustOptions { Namespace = "healthtrack", DashboardServiceAccount = dashboard, Namespaces = namespaces }));
        await app.StartAsync(cancellationToken);
        var running = new GuardedOperator(folder, proxy, app);
        await Eventually.TrueAsync(
            async () => (await running.Http.GetStringAsync(new Uri("/readyz", UriKind.Relative), cancellationToken)).Contains("are declared", StringComparison.Ordinal),
            "the monitors are read", cancellationToken);
        return running;
    }

    /// <summary>Sends as somebody.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? token, CancellationToken cancellationToken, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Proxy.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
