using System.Net;
using System.Net.Sockets;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Admin;
using HealthTrack.Probe.Link;
using HealthTrack.Probe.Spooling;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace HealthTrack.Probe.Hosting;

/// <summary>Runs a worker as a process of its own, with its admin port.</summary>
internal static class ProbeHost
{
    /// <summary>Runs until cancelled.</summary>
    /// <returns>0 after an orderly stop, 1 where it could not start or broke: the reason is a sentence on standard error, or in the log.</returns>
    public static async Task<int> RunAsync(ProbeSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Problems() is { Count: > 0 } problems)
            return await RefuseAsync(string.Join(Environment.NewLine, problems));
        if (PortProblem(settings) is { } taken)
            return await RefuseAsync(taken);
        try
        {
            await using var app = Build(settings);
            await app.StartAsync(cancellationToken);
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            await Console.Out.WriteLineAsync(
                $"HealthTrack's probe worker {settings.WorkerId} of pool {settings.Pool} is running; its admin port is at {address}".AsMemory(), cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
            return app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(s => s.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
        }
        catch (SpoolRefusedException refused)
        {
            return await RefuseAsync(refused.Message);
        }
    }

    private static WebApplication Build(ProbeSettings settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "healthtrack-probe" });
        AddConsole(builder.Logging);
        builder.Host.UseConsoleLifetime(lifetime => lifetime.SuppressStatusMessages = true);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
            kestrel.Listen(settings.BindAddress!, settings.Port!.Value);
        });
        builder.Services
            // Longer than all that a stop waits for one after the other.
            .Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60))
            .AddSingleton(Link(settings))
            .AddSingleton<IProbeLink, GrpcProbeLink>()
            .AddAdmin()
            .AddProbe(options => Apply(settings, options));
        var app = builder.Build();
        app.MapAdmin();
        return app;
    }

    private static LinkOptions Link(ProbeSettings settings) => new()
    {
        Operators = [.. settings.Operators.Select(o => OperatorAddress.TryParse(o)!)],
        TokenFile = settings.TokenFile,
        CaFile = settings.CaFile,
    };

    private static void Apply(ProbeSettings settings, ProbeOptions options)
    {
        options.WorkerId = settings.WorkerId;
        options.Pool = settings.Pool;
        options.Capacity = settings.CapacityValue!.Value;
        options.Spool = settings.Spool;
        options.SpoolLimit = settings.SpoolLimitValue!.Value;
        options.AllowCidrsSetting = "--allow-cidrs";
        foreach (var range in settings.AllowCidrs)
            options.AllowCidrs.Add(range);
        foreach (var range in settings.DenyCidrs)
            options.DenyCidrs.Add(range);
    }

    // Found out before the worker starts, which would have to stop again.
    private static string? PortProblem(ProbeSettings settings)
    {
        try
        {
            using var socket = new Socket(settings.BindAddress!.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(settings.BindAddress, settings.Port!.Value));
            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    $"Port {settings.AdminPort} on {settings.Bind} is taken: stop the program that has it, or choose another with --admin-port.",
                SocketError.AccessDenied => $"This user may not listen on port {settings.AdminPort}: choose one from 1024 with --admin-port.",
                SocketError.AddressNotAvailable => $"This machine has no address {settings.Bind}: choose another with --bind.",
                _ => $"The admin port {settings.AdminPort} on {settings.Bind} cannot be had: {error.Message}. Choose another with --bind and --admin-port.",
            };
        }
    }

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return 1;
    }

    private static void AddConsole(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("System", LogLevel.Warning)
        // gRPC's client logs each failed call; the worker says it in its own words.
        .AddFilter("Grpc", LogLevel.Critical)
        .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
}
