using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>The whole engine on a port that the system picked, over SQLite in a folder of its own, with monitors from a <see cref="MonitorBoard"/>.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;

    private EngineHost(TemporaryFolder folder, WebApplication app, MonitorBoard board)
    {
        _folder = folder;
        App = app;
        Board = board;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(address.Replace("0.0.0.0", "127.0.0.2", StringComparison.Ordinal)) };
    }

    public WebApplication App { get; }

    public MonitorBoard Board { get; }

    public HttpClient Client { get; }

    public Fleet Fleet => App.Services.GetRequiredService<Fleet>();

    public TimeProvider Time => App.Services.GetRequiredService<TimeProvider>();

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static async Task<EngineHost> StartAsync(
        MonitorBoard? board = null,
        Action<IServiceCollection>? compose = null,
        Func<EngineOptions, EngineOptions>? configure = null,
        bool writer = true,
        bool elected = true)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var folder = new TemporaryFolder();
        board ??= new MonitorBoard();
        var options = new EngineOptions { ApiPort = 0, Storage = $"sqlite:{folder.File("test.db")}" };
        var app = EngineApp.Build(configure?.Invoke(options) ?? options, services =>
        {
            services.AddLogging(logging => logging.ClearProviders());
            services.AddSingleton<IMonitorSource>(board);
            if (writer)
                services.AddSingleton<IMonitorWriter>(board);
            compose?.Invoke(services);
        });
        await app.StartAsync(cancellationToken);
        var host = new EngineHost(folder, app, board);
        if (board.Syncs && elected)
            await app.Services.GetRequiredService<Engine.Intake.IntakeProgress>().FirstSync.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        return host;
    }

    /// <summary>An http monitor as a manifest.</summary>
    public static string Manifest(string name, string ns = "default", string url = "http://127.0.0.1:9/", string more = "", string labels = "{}") => $$"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata: {name: {{name}}, namespace: {{ns}}, labels: {{labels}}}
        spec:
          http: {url: "{{url}}"}
          {{more.ReplaceLineEndings("\n  ")}}

        """;

    /// <summary>Declares a monitor and waits until it has an id.</summary>
    public async Task<MonitorState> DeclareAsync(string name, string ns = "default", string url = "http://127.0.0.1:9/", string more = "", string labels = "{}")
    {
        Board.Put(Manifest(name, ns, url, more, labels));
        return await ExistsAsync(new MonitorKey(ns, name), TestContext.Current.CancellationToken);
    }

    public async Task<MonitorState> ExistsAsync(MonitorKey key, CancellationToken cancellationToken)
    {
        MonitorState? state = null;
        await Eventually.True(() => Fleet.TryGet(key, out state), $"{key} is in the fleet", cancellationToken);
        return state!;
    }

    public Task<TestWorker> WorkerAsync(CancellationToken cancellationToken, string pool = "default", string id = "w1") =>
        TestWorker.ConnectAsync(App.Services.GetRequiredService<IProbeLink>(), cancellationToken, pool, id);

    /// <summary>A result of a monitor, ok after 12.5 ms unless said otherwise.</summary>
    public static CheckResult Result(MonitorState state, long dueTime, Outcome outcome = Outcome.Ok, long micros = 12_500, CheckKind kind = CheckKind.Scheduled) => new()
    {
        Uid = state.Stored.Uid,
        Location = "default",
        Worker = "w1",
        Generation = state.Monitor?.Generation ?? 1,
        DueTime = dueTime,
        StartedAt = dueTime + 3,
        Kind = kind,
        Outcome = outcome,
        LatencyMicros = micros,
        CountsInLatency = outcome == Outcome.Ok,
        StatusCode = outcome == Outcome.Ok ? 200 : outcome == Outcome.Error ? 500 : null,
        Message = outcome == Outcome.Ok ? null : "it failed",
        Phases = new CheckPhases(100, 200, 0, 12_000, 200),
    };

    public async Task<T> GetAsync<T>(string path, CancellationToken cancellationToken)
    {
        using var response = await Client.GetAsync(path, cancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        return (await response.Content.ReadFromJsonAsync<T>(ApiJson.Options, cancellationToken))!;
    }

    public Task<HttpResponseMessage> PostAsync(string path, string body, CancellationToken cancellationToken, string type = "application/json") =>
        Client.PostAsync(path, new StringContent(body, Encoding.UTF8, type), cancellationToken);

    /// <summary>Asserts that an answer is a problem of this status, and gives it.</summary>
    public static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, int status, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("detail").GetString()));
        return problem;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync(CancellationToken.None);
        await App.DisposeAsync();
        _folder.Dispose();
    }
}
