using HealthTrack.Core.Ports;
using HealthTrack.Probe.Checkers;
using HealthTrack.Probe.Checkers.Net;
using HealthTrack.Probe.Link;
using HealthTrack.Probe.Scheduling;
using HealthTrack.Probe.Spooling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace HealthTrack.Probe;

/// <summary>Registers the worker and its checkers.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// The worker as a hosted service: assignments from the link, through scheduler and checkers, to results on the link. The host
    /// registers <see cref="IProbeLink"/>. Add it after the control plane it talks to in the same process, so that it stops first.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets <see cref="ProbeOptions"/>.</param>
    public static IServiceCollection AddProbe(this IServiceCollection services, Action<ProbeOptions>? configure = null)
    {
        services.AddCheckRunner(configure);
        services.AddMetrics();
        services.AddSingleton<ProbeMetrics>();
        services.AddSingleton(Scheduler);
        services.AddSingleton(provider => new OptionalSpool(OpenSpool(Options(provider))));
        services.AddSingleton(Outbox);
        services.AddSingleton(SpoolWriter);
        services.AddSingleton<LinkState>();
        services.AddHostedService<ProbeWorker>();
        return services;
    }

    /// <summary>Only <see cref="ICheckRunner"/>: runs one check once and explains it.</summary>
    /// <inheritdoc cref="AddProbe"/>
    public static IServiceCollection AddCheckRunner(this IServiceCollection services, Action<ProbeOptions>? configure = null)
    {
        var options = services.AddOptions<ProbeOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ProbeOptions>, ProbeOptionsValidator>());

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => new NameResolver());
        services.TryAddSingleton(Egress);
        services.TryAddSingleton(provider => new TlsMaterial(Options(provider).TrustBundle));
        services.TryAddSingleton<TlsHandshake>();
        services.TryAddSingleton<Connector>();
        services.TryAddSingleton<HttpChecker>();
        services.TryAddSingleton<IChecker, AnyChecker>();
        services.TryAddSingleton<ICheckRunner, CheckRunner>();
        return services;
    }

    private static EgressPolicy Egress(IServiceProvider provider)
    {
        var options = Options(provider);
        return new EgressPolicy(options.DenyLoopback, ProbeOptions.Parse(options.AllowCidrs), ProbeOptions.Parse(options.DenyCidrs), options.AllowCidrsSetting);
    }

    private static CheckScheduler Scheduler(IServiceProvider provider)
    {
        var checker = provider.GetRequiredService<IChecker>();
        var options = Options(provider);
        return new CheckScheduler(
            (assignment, moment, cancellationToken) => checker.CheckAsync(assignment, moment, null, cancellationToken),
            checker.Release,
            provider.GetRequiredService<ResultOutbox>().Add,
            options.WorkerId,
            options.MaxInFlight,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ProbeMetrics>(),
            provider.GetRequiredService<ILogger<CheckScheduler>>());
    }

    private static ResultSpool? OpenSpool(ProbeOptions options) =>
        options.Spool is { } folder ? ResultSpool.Open(folder, options.SpoolLimit, options.WorkerId) : null;

    private static SpoolWriter SpoolWriter(IServiceProvider provider) => new(
        provider.GetRequiredService<ResultOutbox>(),
        provider.GetRequiredService<OptionalSpool>().Spool,
        provider.GetRequiredService<ProbeMetrics>(),
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<SpoolWriter>>());

    private static ResultOutbox Outbox(IServiceProvider provider) => new(
        Options(provider).MaxUnacknowledged,
        provider.GetRequiredService<OptionalSpool>().Spool,
        provider.GetRequiredService<ProbeMetrics>(),
        provider.GetRequiredService<ILogger<ResultOutbox>>());

    private static ProbeOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ProbeOptions>>().Value;

    /// <summary>A spool, or none: the container knows no null.</summary>
    private sealed class OptionalSpool(ResultSpool? spool) : IDisposable
    {
        public ResultSpool? Spool { get; } = spool;

        public void Dispose() => Spool?.Dispose();
    }
}
