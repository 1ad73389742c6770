using HealthTrack.Engine;
using HealthTrack.Engine.Intake;
using HealthTrack.Probe;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace HealthTrack.Operator;

/// <summary>Runs the engine over a cluster, or a folder, with a worker in this process where that is wanted.</summary>
internal static class OperatorHost
{
    /// <summary>Runs until cancelled.</summary>
    /// <returns>0 after an orderly stop, 1 where it could not start: the reason is one sentence on standard error.</returns>
    public static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
    {
        var engineOptions = new EngineOptions
        {
            Bind = options.Bind,
            ApiPort = options.ApiPort,
            ApiTokenFile = options.ApiTokenFile,
            Storage = options.Storage,
            LinkPort = options.LinkPort,
            LinkTokenFile = options.LinkTokenFile,
            LinkTlsCert = options.LinkTlsCert,
            LinkTlsKey = options.LinkTlsKey,
        };
        try
        {
            PrepareFolder(options.Storage);
            await using var app = EngineApp.Build(engineOptions, Compose(options));
            await app.StartAsync(cancellationToken);
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            await Console.Out.WriteLineAsync($"HealthTrack's operator is running; its API is at {address}".AsMemory(), cancellationToken);
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (KubeconfigException wrong)
        {
            return await RefuseAsync(wrong.Message);
        }
        catch (Exception wrong) when (EngineApp.Explain(wrong, engineOptions) is { } sentence)
        {
            return await RefuseAsync(sentence);
        }
    }

    private static Action<IServiceCollection> Compose(OperatorOptions options)
    {
        var cluster = options.Monitors is null ? Clusters.Find(options.Kubeconfig) : null;
        return services =>
        {
            if (cluster is not null)
                services.AddKubernetes(cluster, options.Namespaces);
            else
                services.AddDirectoryMonitors(options.Monitors!).AddDirectorySecrets(options.Secrets);
            services.AddCheckRunner();
            if (options.Worker)
                services.AddProbe();
        };
    }

    private static void PrepareFolder(string storage)
    {
        if (storage.StartsWith("sqlite:data/", StringComparison.Ordinal))
            Directory.CreateDirectory("data");
    }

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return 1;
    }
}
