using System.CommandLine;

namespace HealthTrack.Operator;

/// <summary>The command line of <c>healthtrack-operator</c>. Every flag has an environment variable.</summary>
internal static class OperatorCommand
{
    private const string InProcess = "in-process";
    private const string None = "none";
    private const int DefaultLinkPort = 8001;

    /// <summary>The whole of it.</summary>
    public static RootCommand Root()
    {
        var kubeconfig = Text("--kubeconfig", "HEALTHTRACK_KUBECONFIG", "FILE", "The cluster; where it is not given, the one that this runs in, else that of kubectl.");
        var namespaces = Text("--namespaces", "HEALTHTRACK_NAMESPACES", "A,B", "The namespaces to watch; all where it is not given.");
        var monitors = Text("--monitors", "HEALTHTRACK_MONITORS", "DIR", "Runs without a cluster, on a folder of manifests.");
        var secrets = Text("--secrets", "HEALTHTRACK_SECRETS", "DIR", "With --monitors: the folder of secrets, files NAMESPACE/NAME/KEY.");
        var storage = Text("--storage", "HEALTHTRACK_STORAGE", "URL", "Where results are kept.", "sqlite:data/healthtrack.db");
        var bind = Text("--bind", "HEALTHTRACK_BIND", "ADDRESS", "The IP address to listen on.", "127.0.0.1");
        var token = Text("--api-token-file", "HEALTHTRACK_API_TOKEN_FILE", "FILE", "A file with the bearer token of the API; needed where --bind is not a loopback address.");
        var worker = Text("--worker", "HEALTHTRACK_WORKER", $"{InProcess}|{None}", "Whether checks are made by this process.", InProcess);
        worker.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not (InProcess or None))
                result.AddError($"--worker must be {InProcess} or {None}.");
        });
        var apiPort = Port("--api-port", "HEALTHTRACK_API_PORT", "The API's port; 0 for any.", 8000);
        var linkPort = Port("--link-port", "HEALTHTRACK_LINK_PORT", $"The port that workers dial, 0 for any; {DefaultLinkPort} with --worker none, else there is none.", null);
        var linkToken = Text("--link-token-file", "HEALTHTRACK_LINK_TOKEN_FILE", "FILE", "A file with the token that workers show.");
        var linkCert = Text("--link-tls-cert", "HEALTHTRACK_LINK_TLS_CERT", "FILE", "The certificate of the link to the workers, PEM, read anew when it changes.");
        var linkKey = Text("--link-tls-key", "HEALTHTRACK_LINK_TLS_KEY", "FILE", "The key of --link-tls-cert, PEM.");

        var root = new RootCommand("HealthTrack's operator: checks what ServiceMonitor resources declare, and says in their status how it is.")
        {
            kubeconfig, namespaces, storage, apiPort, bind, token, worker, linkPort, linkToken, linkCert, linkKey, monitors, secrets,
        };
        root.SetAction((flags, stop) => OperatorHost.RunAsync(
            new OperatorOptions
            {
                Kubeconfig = flags.GetValue(kubeconfig),
                Namespaces = (flags.GetValue(namespaces) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Monitors = flags.GetValue(monitors),
                Secrets = flags.GetValue(secrets),
                Storage = flags.GetValue(storage)!,
                Bind = flags.GetValue(bind)!,
                ApiPort = flags.GetValue(apiPort)!.Value,
                LinkPort = flags.GetValue(linkPort) ?? (flags.GetValue(worker) == None ? DefaultLinkPort : null),
                LinkTokenFile = flags.GetValue(linkToken),
                LinkTlsCert = flags.GetValue(linkCert),
                LinkTlsKey = flags.GetValue(linkKey),
                ApiTokenFile = flags.GetValue(token),
                Worker = flags.GetValue(worker) == InProcess,
            },
            stop));
        return root;
    }

    private static Option<string?> Text(string name, string variable, string helpName, string text, string? preset = null) =>
        new(name)
        {
            Description = $"{text} [env: {variable}]",
            HelpName = helpName,
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : preset,
        };

    private static Option<int?> Port(string name, string variable, string text, int? preset) =>
        new(name)
        {
            Description = $"{text} [env: {variable}]",
            HelpName = "PORT",
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
