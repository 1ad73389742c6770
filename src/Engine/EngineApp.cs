using System.Net;
using HealthTrack.Engine.Api;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Leadership;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace HealthTrack.Engine;

/// <summary>The control plane as one web application: intake, dispatch, results, storage, metrics and the API.</summary>
public static class EngineApp
{
    private const int MaxRequestBody = 1024 * 1024;

    /// <summary>Builds the application; it listens, and its stages run, from its start to its stop.</summary>
    /// <param name="options">How it runs. No configuration file and no environment variable has a say.</param>
    /// <param name="compose">
    /// Registers the host's part: <c>IMonitorSource</c>s, an <c>IMonitorWriter</c>, an <c>ISecretSource</c>, an <c>ICheckRunner</c>, workers. What
    /// it registers replaces the engine's own, and its hosted services start last and stop first.
    /// </param>
    /// <exception cref="OptionsValidationException">A setting is wrong; <see cref="Explain"/> has the sentence.</exception>
    public static WebApplication Build(EngineOptions options, Action<IServiceCollection> compose)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(compose);
        var validity = new EngineOptionsValidator().Validate(null, options);
        if (validity.Failed)
            throw new OptionsValidationException(nameof(EngineOptions), typeof(EngineOptions), validity.Failures);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "healthtrack" });
        builder.Logging.AddHealthTrackConsole();
        builder.Host.UseConsoleLifetime(lifetime => lifetime.SuppressStatusMessages = true);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services
            .AddSingleton(options)
            .AddHostedService<PortCheck>()
            .AddSingleton(TimeProvider.System)
            .AddLeadership()
            .AddIntake()
            .AddDispatch()
            .AddLinkServer()
            .AddResults()
            .AddAlerts()
            .AddEvents(options)
            .AddDeadman(options)
            .AddStorage()
            .AddMetrics()
            .AddApi();
        compose(builder.Services);
        var app = builder.Build();
        app.MapLink();
        app.MapApi();
        return app;
    }

    /// <summary>
    /// What a failure to build or start means, as one sentence for the person who started the program; null for a failure of another kind, such as that of
    /// a listener that is not the API's.
    /// </summary>
    /// <param name="failure">What <see cref="Build"/> or the application's start threw.</param>
    /// <param name="options">The settings that it was started with.</param>
    public static string? Explain(Exception failure, EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return failure switch
        {
            OptionsValidationException invalid => string.Join(' ', invalid.Failures),
            Storage.StoreRefusedException or Storage.StoreUnavailableException or PortRefusedException => failure.Message,
            _ => null,
        };
    }

    /// <summary>
    /// Why an application that has stopped did not stop in order, as one sentence: it leads no more, or one of its stages broke. Null where it did.
    /// </summary>
    public static string? WhyStopped(WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (app.Services.GetRequiredService<ILeadership>() is { Lost.IsCancellationRequested: true } leadership)
            return leadership.Problem;
        var broken = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().FirstOrDefault(s => s.ExecuteTask is { IsFaulted: true });
        return broken is null
            ? null
            : $"HealthTrack stopped because {(broken as ILeaderStage)?.Name ?? broken.GetType().Name} failed: the log says why.";
    }

    private static void Listen(KestrelServerOptions kestrel, EngineOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        // "localhost" is both families; a port that the system picks would be another one in each.
        var localhost = options.Bind.Equals("localhost", StringComparison.OrdinalIgnoreCase);
        if (localhost && options.ApiPort != 0)
            kestrel.ListenLocalhost(options.ApiPort);
        else
            kestrel.Listen(EngineOptionsValidator.BindAddress(options.Bind) ?? IPAddress.Loopback, options.ApiPort);
        LinkConnection.Listen(kestrel, options);
    }

    private static void AddHealthTrackConsole(this ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("System", LogLevel.Warning)
        .AddFilter("Grpc", LogLevel.Warning)
        // A failed start is thrown to whoever started the program, and told there in a sentence. A stage that broke is critical.
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
}
