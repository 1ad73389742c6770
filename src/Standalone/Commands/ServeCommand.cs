using HealthTrack.Core.Ports;
using HealthTrack.Dashboard;
using HealthTrack.Engine;
using HealthTrack.Engine.Intake;
using HealthTrack.Engine.Storage;
using HealthTrack.Probe;
using HealthTrack.Standalone.Demo;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HealthTrack.Standalone.Commands;

/// <summary>Runs everything in this process: the engine with a probe worker behind one listener, the dashboard behind another.</summary>
internal static class ServeCommand
{
    /// <summary>Serves until cancelled.</summary>
    /// <returns>0 after an orderly stop; 1 where it could not start, or a stage ended by a fault: the reason is one sentence on standard error.</returns>
    public static async Task<int> RunAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            using var data = DataFolder.For(options);
            PrepareMonitors(options);
            await ServeAsync(options, data, cancellationToken);
            return 0;
        }
        catch (Exception failure) when (Explain(failure, options) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    private static void PrepareMonitors(ServeOptions options)
    {
        if (options.Monitors is { } named && !Directory.Exists(named))
            throw new CannotServeException($"The folder of --monitors {named} does not exist: make it, or name another.");
        if (options.Secrets is { } secrets && !Directory.Exists(secrets))
            throw new CannotServeException($"The folder of --secrets {secrets} does not exist: make it, or name another.");
        if (options.Monitors is null && options.MonitorsFolder is { } folder)
            StarterMonitors.Fill(folder);
    }

    private static string? Explain(Exception failure, ServeOptions options) =>
        EngineApp.Explain(failure, EngineOptionsOf(options, options.Data))
        ?? (failure is CannotServeException or FormatException or NotSupportedException or UnauthorizedAccessException or IOException ? failure.Message : null);

    private static async Task ServeAsync(ServeOptions options, DataFolder data, CancellationToken cancellationToken)
    {
        CheckDashboard(options);
        await using var targets = options.Demo ? await DemoTargets.StartAsync(cancellationToken) : null;
        await using var engine = BuildEngine(options, data, targets);
        try
        {
            await engine.StartAsync(cancellationToken);
            var api = AddressOf(engine);
            await using var dashboard = await StartDashboardAsync(DashboardOptionsOf(options, ReachableAt(api)), cancellationToken);
            await Console.Out.WriteLineAsync(Banner(options, data, AddressOf(dashboard), api).AsMemory(), cancellationToken);
            await WaitForStopAsync(engine, dashboard, cancellationToken);
            // The token that asked for the stop is cancelled already; the hosts have time limits of their own.
            await dashboard.StopAsync(CancellationToken.None);
        }
        finally
        {
            await engine.StopAsync(CancellationToken.None);
        }
        if (EngineApp.WhyStopped(engine) is { } sentence)
            throw new CannotServeException(sentence);
    }

    // The dashboard needs the API's port, which the system may pick; what is wrong with its settings is said before anything runs.
    private static void CheckDashboard(ServeOptions options)
    {
        if (DashboardOptionsOf(options, new Uri("http://127.0.0.1:8000")).Problems() is { Count: > 0 } problems)
            throw new CannotServeException(string.Join(Environment.NewLine, problems));
        PortCheck.Try(options.DashboardBind, options.DashboardPort, "--dashboard-port");
    }

    private static async Task<WebApplication> StartDashboardAsync(DashboardOptions options, CancellationToken cancellationToken)
    {
        var dashboard = DashboardApp.Build(options);
        try
        {
            await dashboard.StartAsync(cancellationToken);
            return dashboard;
        }
        catch (Exception failure)
        {
            await dashboard.DisposeAsync();
            if (DashboardApp.Explain(failure, options) is { } sentence)
                throw new CannotServeException(sentence);
            throw;
        }
    }

    private static WebApplication BuildEngine(ServeOptions options, DataFolder data, DemoTargets? targets) =>
        EngineApp.Build(EngineOptionsOf(options, data.Path), services =>
        {
            if (options.MonitorsFolder is { } folder)
                services.AddDirectoryMonitors(folder);
            if (targets is not null)
                services.AddDemoMonitors(new MemoryMonitors(DemoMonitors.For(targets)));
            services.AddDirectorySecrets(options.Secrets);
            services.AddProbe(probe => probe.HandOverTimeout = TimeSpan.Zero);
        });

    private static IServiceCollection AddDemoMonitors(this IServiceCollection services, MemoryMonitors demo)
    {
        services.AddSingleton<IMonitorSource>(demo);
        // Beside a folder, what is new is written there; the demo's own monitors are changed where they are.
        if (services.LastOrDefault(s => s.ServiceType == typeof(IMonitorWriter)) is not { ImplementationFactory: { } folder })
            return services.AddSingleton<IMonitorWriter>(demo);
        return services.AddSingleton<IMonitorWriter>(provider => new DemoBesideFolder(demo, (IMonitorWriter)folder(provider)));
    }

    private static EngineOptions EngineOptionsOf(ServeOptions options, string data) => new()
    {
        Bind = options.Bind,
        ApiPort = options.ApiPort,
        Storage = options.StorageUrl(data),
        Retention = options.Retention,
        ApiTokenFile = options.ApiTokenFile,
        Redis = options.Redis,
        Kafka = options.Kafka,
        KafkaConfigFile = options.KafkaConfigFile,
        DeadmanUrl = options.DeadmanUrl,
        DeadmanUrlFile = options.DeadmanUrlFile,
        PublicUrl = options.PublicUrl is { } url
            ? new Uri(url, UriKind.RelativeOrAbsolute)
            // A port that is none is said where the dashboard's settings are looked at.
            : new UriBuilder("http", options.DashboardBind, options.DashboardPort is >= 0 and <= 65535 ? options.DashboardPort : 0).Uri,
    };

    private static DashboardOptions DashboardOptionsOf(ServeOptions options, Uri api) => new()
    {
        Api = api,
        ApiTokenFile = options.ApiTokenFile,
        Bind = options.DashboardBind,
        Port = options.DashboardPort,
        PortFlag = "--dashboard-port",
    };

    private static async Task WaitForStopAsync(WebApplication engine, WebApplication dashboard, CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var asked = cancellationToken.Register(() => stopped.TrySetResult());
        using var engineStops = engine.Lifetime.ApplicationStopping.Register(() => stopped.TrySetResult());
        using var dashboardStops = dashboard.Lifetime.ApplicationStopping.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    // An API that listens on all addresses is reached on loopback.
    private static Uri ReachableAt(string address)
    {
        var url = new UriBuilder(address);
        if (url.Host is "0.0.0.0" or "[::]")
            url.Host = "127.0.0.1";
        return url.Uri;
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static string Banner(ServeOptions options, DataFolder data, string dashboard, string api) =>
        $"""

        HealthTrack {typeof(ServeCommand).Assembly.GetName().Version?.ToString(3)} is running.
          Dashboard  {dashboard}
          API        {api}  (explorer: {api}/docs)
          Monitors   {(options.Demo ? "demo" : "")}{(options.Demo && options.MonitorsFolder is not null ? " and " : "")}{options.MonitorsFolder}
          Data       {StorageUrl.Parse(options.StorageUrl(data.Path)).Shown}{(options is { Demo: true, Storage: null } ? "  (deleted at the end)" : "")}
        Ctrl+C stops it.

        """;
}
