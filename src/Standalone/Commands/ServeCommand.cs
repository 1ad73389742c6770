using HealthTrack.Core.Ports;
using HealthTrack.Dashboard;
using HealthTrack.Engine;
using HealthTrack.Engine.Intake;
using HealthTrack.Probe;
using HealthTrack.Standalone.Demo;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

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
        catch (OptionsValidationException wrong)
        {
            return await RefuseAsync(string.Join(Environment.NewLine, wrong.Failures));
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            return await RefuseAsync($"{taken.Message} Stop what listens there, or choose another port with --api-port or --dashboard-port.");
        }
        catch (Exception wrong) when (wrong is FormatException or NotSupportedException or UnauthorizedAccessException or IOException)
        {
            return await RefuseAsync(wrong.Message);
        }
    }

    private static async Task ServeAsync(ServeOptions options, CancellationToken cancellationToken)
    {
        PrepareFolders(options);
        await using var targets = options.Demo ? await DemoTargets.StartAsync(cancellationToken) : null;
        await using var engine = BuildEngine(options, targets);
        await engine.StartAsync(cancellationToken);

        var api = AddressOf(engine);
        await using var dashboard = DashboardApp.Build(new DashboardOptions { Api = new Uri(api), Bind = options.Bind, Port = options.DashboardPort });
        try
        {
            await dashboard.StartAsync(cancellationToken);
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

    private static WebApplication BuildEngine(ServeOptions options, DemoTargets? targets)
    {
        var engineOptions = new EngineOptions
        {
            Bind = options.Bind,
            ApiPort = options.ApiPort,
            Storage = options.StorageUrl,
            ApiTokenFile = options.ApiTokenFile,
        };
        return EngineApp.Build(engineOptions, services =>
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

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    private static string Banner(ServeOptions options, string dashboard, string api) =>
        $"""

        HealthTrack {typeof(ServeCommand).Assembly.GetName().Version?.ToString(3)} is running.
          Dashboard  {dashboard}
          API        {api}  (explorer: {api}/docs)
          Monitors   {(options.Demo ? "demo" : "")}{(options.Demo && options.MonitorsFolder is not null ? " and " : "")}{options.MonitorsFolder}
          Data       {options.StorageUrl}
        Ctrl+C stops it.

        """;

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return 1;
    }
}
