using HealthTrack.Core.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Intake;

/// <summary>Registers folders in the place of a cluster.</summary>
public static class DirectoryServices
{
    /// <summary>Monitors and notification channels from a folder of manifests; monitors are written there too.</summary>
    public static IServiceCollection AddDirectoryMonitors(this IServiceCollection services, string folder)
    {
        // While the application is being built there is a core to spare, and the first manifests take longest: their reader is cold.
        var ahead = Task.Run(() => MonitorFolder.ReadAhead(Path.GetFullPath(folder), TimeProvider.System.GetUtcNow()));
        return services
            .AddSingleton(provider => new DirectoryMonitorSource(
                folder, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<DirectoryMonitorSource>>()) { Ahead = ahead })
            .AddSingleton<IMonitorSource>(provider => provider.GetRequiredService<DirectoryMonitorSource>())
            .AddSingleton<IChannelDirectory, DirectoryChannels>()
            .AddSingleton<IMonitorWriter>(_ => new DirectoryMonitorWriter(folder));
    }

    /// <summary>Secrets from a folder of files <c>namespace/name/key</c>; without a folder there are none.</summary>
    public static IServiceCollection AddDirectorySecrets(this IServiceCollection services, string? folder) =>
        folder is null ? services : services.AddSingleton<ISecretSource>(new DirectorySecretSource(folder));
}
