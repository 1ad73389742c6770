using System.CommandLine;
using HealthTrack.Contracts.Api;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Standalone.Commands;

/// <summary>The command line of <c>healthtrack</c>: serves unless told otherwise. Every flag has an environment variable.</summary>
internal static class CommandLine
{
    private const string StorageVariable = "HEALTHTRACK_STORAGE";
    private const string RedisVariable = "HEALTHTRACK_REDIS";
    private const string DeadmanUrlVariable = "HEALTHTRACK_DEADMAN_URL";

    /// <summary>The whole of it.</summary>
    public static RootCommand Root()
    {
        var demo = Switch("--demo", "HEALTHTRACK_DEMO", "Shows monitors on targets of its own that are well, slow, failing and down. Nothing of it is kept.");
        var monitors = Text("--monitors", "HEALTHTRACK_MONITORS", "DIR", "The folder of ServiceMonitor manifests; DATA/monitors where it is not given.");
        var data = Text("--data", "HEALTHTRACK_DATA", "DIR", "The folder for what must be kept.", "data");
        var storage = Secret("--storage", StorageVariable, "URL", "Where results are kept: sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE. A file in the data folder where it is not given.");
        var retention = Text("--retention", "HEALTHTRACK_RETENTION", "DURATION", "How long checks are kept, from 1d to 3650d.", RetentionOptions.Default);
        var secrets = Text("--secrets", "HEALTHTRACK_SECRETS", "DIR", "The folder of secrets, files NAMESPACE/NAME/KEY.");
        var apiPort = Port("--api-port", "HEALTHTRACK_API_PORT", 8000, "The API's port; 0 for any.");
        var dashboardPort = Port("--dashboard-port", "HEALTHTRACK_DASHBOARD_PORT", 3000, "The dashboard's port; 0 for any.");
        var bind = Text("--bind", "HEALTHTRACK_BIND", "ADDRESS", "The IP address to listen on.", "127.0.0.1");
        var token = Text("--api-token-file", "HEALTHTRACK_API_TOKEN_FILE", "FILE", "A file with the bearer token of the API; needed where --bind is not a loopback address.");

        var redis = Secret("--redis", RedisVariable, "HOST:PORT", "A Redis that keeps restarts from sending a notification twice.");
        var kafka = Text("--kafka", "HEALTHTRACK_KAFKA", "HOST:PORT", "The brokers that checks, changes of health and alerts are streamed to; several with commas.");
        var kafkaConfig = Text("--kafka-config", "HEALTHTRACK_KAFKA_CONFIG", "FILE", "librdkafka's properties for --kafka, key=value a line, such as those of a sign-in.");
        var deadman = Secret("--deadman-url", DeadmanUrlVariable, "URL", "A URL that is called each minute while all is well: who misses the call knows that HealthTrack is not.");
        var deadmanFile = Text("--deadman-url-file", "HEALTHTRACK_DEADMAN_URL_FILE", "FILE", "Instead of --deadman-url: a file that holds it.");
        var publicUrl = Text("--public-url", "HEALTHTRACK_PUBLIC_URL", "URL", "Where people find the dashboard, for links in notifications; its own address where it is not given.");

        var root = new RootCommand("HealthTrack: probes services, computes their SRE numbers, and shows them. Without a cluster, in one process.")
        {
            demo, monitors, data, storage, retention, secrets, apiPort, dashboardPort, bind, token, redis, kafka, kafkaConfig, deadman, deadmanFile, publicUrl, Check(), HealthCheck(),
        };
        root.SetAction((flags, stop) => ServeCommand.RunAsync(
            new ServeOptions
            {
                Demo = flags.GetValue(demo),
                Monitors = flags.GetValue(monitors),
                Data = flags.GetValue(data)!,
                Storage = flags.GetValue(storage) ?? FromEnvironment(StorageVariable),
                Retention = flags.GetValue(retention)!,
                Secrets = flags.GetValue(secrets),
                ApiPort = flags.GetValue(apiPort),
                DashboardPort = flags.GetValue(dashboardPort),
                Bind = flags.GetValue(bind)!,
                ApiTokenFile = flags.GetValue(token),
                Redis = flags.GetValue(redis) ?? FromEnvironment(RedisVariable),
                Kafka = flags.GetValue(kafka),
                KafkaConfigFile = flags.GetValue(kafkaConfig),
                DeadmanUrl = flags.GetValue(deadman) ?? FromEnvironment(DeadmanUrlVariable),
                DeadmanUrlFile = flags.GetValue(deadmanFile),
                PublicUrl = flags.GetValue(publicUrl),
            },
            stop));
        return root;
    }

    private static Command Check()
    {
        var file = new Option<string>("--file", "-f") { Description = "The manifest; - for standard input.", HelpName = "FILE", Required = true };
        var secrets = Text("--secrets", "HEALTHTRACK_SECRETS", "DIR", "The folder of secrets, files NAMESPACE/NAME/KEY.");
        var check = new Command("check", "Runs the checks of a manifest once and says what happened. Exit code: 0 all ok, 1 not all ok, 2 the manifest or the command line is wrong.")
        {
            file, secrets,
        };
        check.SetAction((flags, stop) => CheckCommand.RunAsync(flags.GetValue(file)!, flags.GetValue(secrets), Console.Out, Console.Error, stop));
        return check;
    }

    private static Command HealthCheck()
    {
        var bind = Text("--bind", "HEALTHTRACK_BIND", "ADDRESS", "The address that it listens on.", "127.0.0.1");
        var port = Port("--api-port", "HEALTHTRACK_API_PORT", 8000, "The API's port.");
        var check = new Command("healthcheck", "Asks the HealthTrack that runs on this machine whether it can serve. Exit code: 0 it can, 1 it cannot.") { bind, port };
        check.SetAction((flags, stop) => LocalHealth.AskAsync(flags.GetValue(bind)!, flags.GetValue(port), Console.Out, Console.Error, stop));
        return check;
    }

    // One that may hold a password or a token: what the environment gives is no default that --help would print.
    private static Option<string?> Secret(string name, string variable, string helpName, string text) => new(name) { Description = $"{text} [env: {variable}]", HelpName = helpName };

    private static string? FromEnvironment(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static Option<string?> Text(string name, string variable, string helpName, string text, string? preset = null) =>
        new(name)
        {
            Description = $"{text} [env: {variable}]",
            HelpName = helpName,
            DefaultValueFactory = _ => FromEnvironment(variable) ?? preset,
        };

    private static Option<bool> Switch(string name, string variable, string text) =>
        new(name)
        {
            Description = $"{text} [env: {variable}]",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is "1" or "true",
        };

    private static Option<int> Port(string name, string variable, int preset, string text) =>
        new(name)
        {
            Description = $"{text} [env: {variable}]",
            HelpName = "PORT",
            CustomParser = result =>
            {
                var value = result.Tokens.Single().Value;
                if (int.TryParse(value, out var port))
                    return port;
                result.AddError($"{name} is {value}, which is no port: give a number from 0 to 65535.");
                return preset;
            },
            DefaultValueFactory = result =>
            {
                if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } value)
                    return preset;
                if (int.TryParse(value, out var port))
                    return port;
                result.AddError($"{variable} is {value}, which is no port: give a number from 0 to 65535.");
                return preset;
            },
        };
}
