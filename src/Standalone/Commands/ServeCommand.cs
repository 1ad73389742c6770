using HealthTrack.Core.Ports;
using HealthTrack.Dashboard;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine;
using HealthTrack.Engine.Intake;
using HealthTrack.Probe;
using HealthTrack.Standalone.Demo;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HealthTrack.Standalone.Commands;

/// <summary>Runs everything in this process: the engine with a probe worker behind one listener, the dashboard behind another.</summary>
internal static class ServeCommand
{
    /// <summary>Serves until cancelled.</summary>
    /// <returns>0 after an orderly stop, 1 where it could not start: the reason is one sentence on standard error.</returns>
    public static async Task<int> RunAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await ServeAsync(options, cancellationToken);
            return 0;
        }
        catch (Exception failure) when (Explain(failure, options) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    private static string? Explain(Exception failure, ServeOptions options) =>
        EngineApp.Explain(failure, EngineOptionsOf(options))
        ?? (failure is FormatException or NotSupportedException or UnauthorizedAccessException or IOException ? failure.Message : null);

    private static async Task ServeAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        PrepareFolders(options);
        await using var targets = options.Demo ? await DemoTargets.StartAsync(cancellationToken) : null;
        await using var engine = BuildEngine(options, targets);
        await engine.StartAsync(cancellationToken);

        var api = AddressOf(engine);
        await using var dashboard = DashboardApp.Build(new DashboardOptions
        {
            Api = ReachableAt(api),
            ApiTokenFile = options.ApiTokenFile,
            Bind = options.DashboardBind,
            Port = options.DashboardPort,
        });
        try
        {
            await StartAsync(dashboard, options, cancellationToken);
            await Console.Out.WriteLineAsync(Banner(options, AddressOf(dashboard), api).AsMemory(), cancellationToken);
            await WaitForStopAsync(engine, dashboard, cancellationToken);
        }
        finally
        {
            // The token that asked for the stop is cancelled already; the hosts have time limits of their own.
            await dashboard.StopAsync(CancellationToken.None);
            await engine.StopAsync(CancellationToken.None);
        }
    }

    private static async Task StartAsync(WebApplication dashboard, ServeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await dashboard.StartAsync(cancellationToken);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new IOException(
                $"Port {options.DashboardPort} on {options.DashboardBind} is taken: stop the program that has it, or choose another with --dashboard-port.");
        }
    }

    private static WebApplication BuildEngine(ServeOptions options, DemoTargets? targets)
    {
        return EngineApp.Build(EngineOptionsOf(options), services =>
        {
            if (targets is not null)
                services.AddMemoryMonitors(new MemoryMonitors(DemoMonitors.For(targets)));
            if (options.MonitorsFolder is { } folder)
                services.AddDirectoryMonitors(folder);
            services.AddDirectorySecrets(options.Secrets);
            services.AddProbe();
            services.AddCheckRunner();
        });
    }

    private static EngineOptions EngineOptionsOf(ServeOptions options) => new()
    {
        Bind = options.Bind,
        ApiPort = options.ApiPort,
        Storage = options.StorageUrl,
        ApiTokenFile = options.ApiTokenFile,
    };

    private static IServiceCollection AddMemoryMonitors(this IServiceCollection services, MemoryMonitors monitors) =>
        services.AddSingleton<IMonitorSource>(monitors).AddSingleton<IMonitorWriter>(monitors);

    private static void PrepareFolders(ServeOptions options)
    {
        if (options.Demo && options.Storage is null && Directory.Exists(options.DataFolder))
            Directory.Delete(options.DataFolder, recursive: true);
        Directory.CreateDirectory(options.DataFolder);
        if (options.Monitors is null && options.MonitorsFolder is { } folder)
            StarterMonitors.Fill(folder);
    }

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

    private static string Banner(ServeOptions options, string dashboard, string api) =>
        $"""

        HealthTrack {typeof(ServeCommand).Assembly.GetName().Version?.ToString(3)} is running.
          Dashboard  {dashboard}
          API        {api}  (explorer: {api}/docs)
          Monitors   {(options.Demo ? "demo" : "")}{(options.Demo && options.MonitorsFolder is not null ? " and " : "")}{options.MonitorsFolder}
          Data       {StorageUrl.Parse(options.StorageUrl).Shown}
        Ctrl+C stops it.

        """;
}
