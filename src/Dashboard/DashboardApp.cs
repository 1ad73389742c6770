using System.Net;
using System.Net.Sockets;
using HealthTrack.Dashboard.Api;
using HealthTrack.Dashboard.Routing;
using HealthTrack.Dashboard.Ui;
using HealthTrack.Dashboard.Ui.Fleets;
using HealthTrack.Dashboard.Ui.Services;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;

namespace HealthTrack.Dashboard;

/// <summary>The dashboard as a web application of its own: run by this project's executable, or within another host's process.</summary>
public static class DashboardApp
{
    /// <summary>
    /// Builds the application; the caller starts, stops and disposes it. Nothing is sent before it starts, and a missing API does not keep it from
    /// starting. Starting throws where it cannot listen; <see cref="Explain"/> has the sentence.
    /// </summary>
    /// <param name="options">Where to listen and where the API is.</param>
    /// <exception cref="OptionsValidationException">The options cannot be used; <see cref="Explain"/> has the sentences.</exception>
    public static WebApplication Build(DashboardOptions options) => Build(options, TimeProvider.System);

    /// <summary>What a failure to build or start means, in a sentence for each thing that is wrong, a line each; null for a failure of another kind.</summary>
    /// <param name="failure">What <see cref="Build(DashboardOptions)"/> or the application's start threw.</param>
    /// <param name="options">The options that it was given.</param>
    public static string? Explain(Exception failure, DashboardOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return failure switch
        {
            OptionsValidationException invalid when invalid.OptionsType == typeof(DashboardOptions) => string.Join(Environment.NewLine, invalid.Failures),
            IOException { InnerException: AddressInUseException } =>
                $"Port {options.Port} on {options.Bind} is taken: stop what listens there, or choose another with {options.PortFlag}.",
            SocketException { SocketErrorCode: SocketError.AccessDenied } =>
                $"This user may not listen on port {options.Port}: choose one from 1024 with {options.PortFlag}.",
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
                $"This machine has no address {options.Bind}: choose another with --bind.",
            _ => null,
        };
    }

    internal static WebApplication Build(DashboardOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Problems() is { Count: > 0 } problems)
            throw new OptionsValidationException(nameof(DashboardOptions), typeof(DashboardOptions), problems);

        // Published files lie beside the assembly, wherever the process was started.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseSetting(WebHostDefaults.HttpPortsKey, "").UseSetting(WebHostDefaults.ServerUrlsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Parse(options.Bind), options.Port);
        });
        builder.Logging
            .ClearProviders()
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            })
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical) // A failed start is thrown, and told by whoever started it.
            .AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Critical) // A cookie of an earlier run is an error to it; a new one is given.
            .AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error) // Warns of keys that are not kept, which is meant.
            .AddFilter("System.Net.Http.HttpClient", LogLevel.Warning)
            .AddFilter("Yarp", LogLevel.Error); // An API that is away is said once, by FleetStream.
        AddDashboard(builder.Services, options, time);

        var app = builder.Build();
        UseDashboard(app);
        app.Lifetime.ApplicationStarted.Register(() => Log.Listening(app.Logger, string.Join(", ", app.Urls)));
        if (!options.LoopbackOnly)
            Log.ReadOnly(app.Logger, options.Bind);
        return app;
    }

    // The API's events become the fleet, the fleet becomes pages; the proxy passes on the rest.
    private static void AddDashboard(IServiceCollection services, DashboardOptions options, TimeProvider time)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
        services.AddSingleton(options);
        services.AddSingleton(time);
        services.AddSingleton<ApiCredential>();
        services.AddTransient<ApiCredentialHandler>();
        services.AddTransient<LeaderHandler>();
        services.AddHttpClient(nameof(HealthTrackClient), http =>
        {
            http.BaseAddress = DashboardOptions.Base(options.Api);
            http.Timeout = Timeout.InfiniteTimeSpan;
        }).AddHttpMessageHandler<ApiCredentialHandler>()
            .AddHttpMessageHandler<LeaderHandler>()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) });
        services.AddSingleton(s => new HealthTrackClient(s.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(HealthTrackClient))));
        services.AddSingleton<Fleet>();
        services.AddHostedService<FleetStream>();
        services.AddSingleton<Readiness>();
        services.AddHostedService(s => s.GetRequiredService<Readiness>());
        services.AddScoped<FleetView>();
        services.AddScoped<ServiceActions>();
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomEnd;
            mud.SnackbarConfiguration.VisibleStateDuration = 4000;
            mud.SnackbarConfiguration.ShowTransitionDuration = 150;
            mud.SnackbarConfiguration.HideTransitionDuration = 150;
        });
        // What it protects lives no longer than a page's circuit, and a circuit no longer than the process.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddProxyRoutes(options);
    }

    private static void UseDashboard(WebApplication app)
    {
        app.UseSecurityHeaders();
        app.UseMiddleware<SiteGuard>();
        app.UseGrafana();
        app.UseNotFoundPage();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapHealth();
        app.MapProxyRoutes();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o => o.ContentSecurityFrameAncestorsPolicy = null);
    }
}
