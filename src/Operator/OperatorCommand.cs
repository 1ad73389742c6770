using System.CommandLine;
using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Engine.Storage;
using HealthTrack.Operator.Pools;
using HealthTrack.Operator.Trust;

namespace HealthTrack.Operator;

/// <summary>The command line of <c>healthtrack-operator</c>. Every flag has an environment variable.</summary>
internal static class OperatorCommand
{
    private const string InProcess = "in-process";
    private const string None = "none";
    private const string Read = "read";
    private const int DefaultLinkPort = 8001;
    private const string DefaultStorage = "sqlite:data/healthtrack.db";
    private const string StorageVariable = "HEALTHTRACK_STORAGE";
    private const string RedisVariable = "HEALTHTRACK_REDIS";
    private const string DeadmanUrlVariable = "HEALTHTRACK_DEADMAN_URL";

    /// <summary>The whole of it.</summary>
    public static RootCommand Root()
    {
        var kubeconfig = Text("--kubeconfig", "HEALTHTRACK_KUBECONFIG", "FILE", "The cluster; where it is not given, the one that this runs in, else that of kubectl.");
        var namespaces = Text("--namespaces", "HEALTHTRACK_NAMESPACES", "A,B", "The namespaces to watch; all where it is not given.");
        var monitors = Text("--monitors", "HEALTHTRACK_MONITORS", "DIR", "Runs without a cluster, on a folder of manifests.");
        var secrets = Text("--secrets", "HEALTHTRACK_SECRETS", "DIR", "With --monitors: the folder of secrets, files NAMESPACE/NAME/KEY.");
        var storage = Secret("--storage", StorageVariable, "URL", $"Where results are kept. [default: {DefaultStorage}]");
        var retention = Text("--retention", "HEALTHTRACK_RETENTION", "DURATION", "How long checks are kept, from 1d to 3650d.", RetentionOptions.Default);
        var bind = Text("--bind", "HEALTHTRACK_BIND", "ADDRESS", "The IP address to listen on.", "127.0.0.1");
        var token = Text("--api-token-file", "HEALTHTRACK_API_TOKEN_FILE", "FILE", "A file with the bearer token of the API; needed without a cluster where --bind is not a loopback address.");
        var anonymous = Text("--anonymous", "HEALTHTRACK_ANONYMOUS", $"{None}|{Read}", "What callers of the API may do who show no credential.", None);
        anonymous.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not (None or Read))
                result.AddError($"--anonymous must be {None} or {Read}.");
        });
        var dashboard = Text(
            "--dashboard-service-account", "HEALTHTRACK_DASHBOARD_SERVICE_ACCOUNT", "NAMESPACE/NAME",
            "The ServiceAccount of the dashboard, which is believed when it says for whom it calls.");
        dashboard.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } account && TrustOptions.Problem(account) is { } problem)
                result.AddError(problem);
        });
        var worker = Text("--worker", "HEALTHTRACK_WORKER", $"{InProcess}|{None}", "Whether checks are made by this process.", InProcess);
        worker.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not (InProcess or None))
                result.AddError($"--worker must be {InProcess} or {None}.");
        });
        var elect = Text(
            "--leader-elect", "HEALTHTRACK_LEADER_ELECT", "true|false",
            "Whether one of several operators leads while the others wait; where it is not given, with a cluster and a Postgres store.");
        elect.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not (null or "true" or "false"))
                result.AddError("--leader-elect must be true or false.");
        });
        var leases = Text("--lease-namespace", "HEALTHTRACK_LEASE_NAMESPACE", "NAMESPACE", "Where the Lease healthtrack is; the operator's own namespace where it is not given.");
        var probeImage = Text("--probe-image", "HEALTHTRACK_PROBE_IMAGE", "IMAGE", "The image of the workers of pools that name none.");
        var pullSecrets = Text(
            "--probe-pull-secrets", "HEALTHTRACK_PROBE_PULL_SECRETS", "A,B", "The Secrets in the operator's namespace that the image of the workers is pulled with, of pools that name none.");
        var probeRequests = Quantities(
            "--probe-requests", "HEALTHTRACK_PROBE_REQUESTS", "What is reserved for each worker of the pools that say nothing of resources, such as cpu=50m,memory=64Mi.");
        var probeLimits = Quantities("--probe-limits", "HEALTHTRACK_PROBE_LIMITS", "What each worker of those pools may use at most, such as memory=512Mi.");
        var probeUser = Text(
            "--probe-user", "HEALTHTRACK_PROBE_USER", $"ID|{None}",
            "The user and the group that the workers of pools run as; none where the cluster chooses, as OpenShift does.", PoolOptions.DefaultProbeUser.ToString(CultureInfo.InvariantCulture));
        probeUser.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not None and var user && UserId(user) is null)
                result.AddError($"--probe-user is {user}: give the number of a user, which is not 0, or {None}.");
        });
        var link = Text(
            "--link-address", "HEALTHTRACK_LINK_ADDRESS", "HOST:PORT",
            "Where the workers of pools find the operators; by default the headless service healthtrack-operator-link in the operator's namespace.");
        var linkCa = Text(
            "--link-ca-configmap", "HEALTHTRACK_LINK_CA_CONFIGMAP", "NAME",
            "A ConfigMap in the operator's namespace whose ca.crt has the roots of the link's certificate, for the workers of pools.");
        var linkCaSecret = Text(
            "--link-ca-secret", "HEALTHTRACK_LINK_CA_SECRET", "NAME",
            "Instead of --link-ca-configmap: a Secret whose ca.crt has them, such as the one that cert-manager keeps the certificate in. Workers are given that key of it alone.");
        linkCaSecret.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is not null && result.GetValue(linkCa) is not null)
                result.AddError("--link-ca-configmap and --link-ca-secret both say what workers trust: give one of them.");
        });
        var apiPort = Port("--api-port", "HEALTHTRACK_API_PORT", "The API's port; 0 for any.", 8000);
        var linkPort = Port("--link-port", "HEALTHTRACK_LINK_PORT", $"The port that workers dial, 0 for any; {DefaultLinkPort} with --worker none, else there is none.", null);
        var linkToken = Text("--link-token-file", "HEALTHTRACK_LINK_TOKEN_FILE", "FILE", "A file with the token that workers show.");
        var linkCert = Text("--link-tls-cert", "HEALTHTRACK_LINK_TLS_CERT", "FILE", "The certificate of the link to the workers, PEM, read anew when it changes.");
        var linkKey = Text("--link-tls-key", "HEALTHTRACK_LINK_TLS_KEY", "FILE", "The key of --link-tls-cert, PEM.");

        var redis = Secret("--redis", RedisVariable, "HOST:PORT", "A Redis that keeps replicas and restarts from sending a notification twice.");
        var kafka = Text("--kafka", "HEALTHTRACK_KAFKA", "HOST:PORT", "The brokers that checks, changes of health and alerts are streamed to; several with commas.");
        var kafkaConfig = Text("--kafka-config", "HEALTHTRACK_KAFKA_CONFIG", "FILE", "librdkafka's properties for --kafka, key=value a line, such as those of a sign-in.");
        var deadman = Secret("--deadman-url", DeadmanUrlVariable, "URL", "A URL that is called each minute while all is well: who misses the call knows that HealthTrack is not.");
        var deadmanFile = Text("--deadman-url-file", "HEALTHTRACK_DEADMAN_URL_FILE", "FILE", "Instead of --deadman-url: a file that holds it.");
        var publicUrl = Text("--public-url", "HEALTHTRACK_PUBLIC_URL", "URL", "Where people find the dashboard, for links in notifications.", "http://127.0.0.1:3000");

        var root = new RootCommand("HealthTrack's operator: checks what ServiceMonitor resources declare, and says in their status how it is.")
        {
            kubeconfig, namespaces, storage, retention, apiPort, bind, token, anonymous, dashboard, worker, linkPort, linkToken, linkCert, linkKey, link, linkCa, linkCaSecret, probeImage, pullSecrets, probeRequests, probeLimits, probeUser, monitors, secrets, elect, leases, redis, kafka, kafkaConfig, deadman, deadmanFile, publicUrl, HealthCheck(),
        };
        root.SetAction((flags, stop) => OperatorHost.RunAsync(
            new OperatorOptions
            {
                Kubeconfig = flags.GetValue(kubeconfig),
                Namespaces = Names(flags.GetValue(namespaces)),
                Monitors = flags.GetValue(monitors),
                Secrets = flags.GetValue(secrets),
                LeaderElect = flags.GetValue(elect) is { } said ? said == "true" : null,
                LeaseNamespace = flags.GetValue(leases),
                Storage = flags.GetValue(storage) ?? FromEnvironment(StorageVariable) ?? DefaultStorage,
                Retention = flags.GetValue(retention)!,
                Bind = flags.GetValue(bind)!,
                ApiPort = flags.GetValue(apiPort)!.Value,
                LinkPort = flags.GetValue(linkPort) ?? (flags.GetValue(worker) == None ? DefaultLinkPort : null),
                LinkTokenFile = flags.GetValue(linkToken),
                LinkTlsCert = flags.GetValue(linkCert),
                LinkTlsKey = flags.GetValue(linkKey),
                ApiTokenFile = flags.GetValue(token),
                AnonymousReads = flags.GetValue(anonymous) == Read,
                DashboardServiceAccount = flags.GetValue(dashboard),
                ProbeImage = flags.GetValue(probeImage),
                ProbePullSecrets = Names(flags.GetValue(pullSecrets)),
                ProbeResources = new ResourcesSpec { Requests = ResourceQuantities.Parse(flags.GetValue(probeRequests)), Limits = ResourceQuantities.Parse(flags.GetValue(probeLimits)) },
                ProbeUser = UserId(flags.GetValue(probeUser)),
                LinkAddress = flags.GetValue(link),
                LinkCaConfigMap = flags.GetValue(linkCa),
                LinkCaSecret = flags.GetValue(linkCaSecret),
                Redis = flags.GetValue(redis) ?? FromEnvironment(RedisVariable),
                Kafka = flags.GetValue(kafka),
                KafkaConfigFile = flags.GetValue(kafkaConfig),
                DeadmanUrl = flags.GetValue(deadman) ?? FromEnvironment(DeadmanUrlVariable),
                DeadmanUrlFile = flags.GetValue(deadmanFile),
                PublicUrl = flags.GetValue(publicUrl)!,
                Worker = flags.GetValue(worker) == InProcess,
            },
            stop));
        return root;
    }

    private static string[] Names(string? list) => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    // The workers' pods say runAsNonRoot: root would never start.
    private static int? UserId(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;

    private static Command HealthCheck()
    {
        var bind = Text("--bind", "HEALTHTRACK_BIND", "ADDRESS", "The address that it listens on.", "127.0.0.1");
        var port = Port("--api-port", "HEALTHTRACK_API_PORT", "The API's port.", 8000);
        var check = new Command("healthcheck", "Asks the operator that runs on this machine whether it can serve. Exit code: 0 it can, 1 it cannot.") { bind, port };
        check.SetAction((flags, stop) => LocalHealth.AskAsync(flags.GetValue(bind)!, flags.GetValue(port)!.Value, Console.Out, Console.Error, stop));
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

    private static Option<string?> Quantities(string name, string variable, string text)
    {
        var option = Text(name, variable, "NAME=QUANTITY,...", text);
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } list && ResourceQuantities.Parse(list) is null)
                result.AddError($"{name} is {list}: give quantities by the name of the resource, such as cpu=50m,memory=64Mi.");
        });
        return option;
    }

    private static Option<int?> Port(string name, string variable, string text, int? preset) =>
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
