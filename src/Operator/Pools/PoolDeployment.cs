using System.Globalization;
using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Trust;

namespace HealthTrack.Operator.Pools;

/// <summary>The Deployment of a pool's workers.</summary>
internal static class PoolDeployment
{
    private const string TokenFolder = "/var/run/secrets/healthtrack";
    private const string CaFolder = "/var/run/healthtrack/link-ca";
    private const string SpoolFolder = "/var/spool/healthtrack";

    // A worker hands its monitors over (10 s), ends its checks (10 s) and waits for their acknowledgement (5 s).
    private const int GraceSeconds = 60;

    /// <summary>The Deployment as it is applied.</summary>
    public static JsonObject Build(V1Alpha1ProbePool entity, ProbePoolSpec spec, string image, PoolOptions options)
    {
        var deployment = PoolObjects.Owned(entity, "apps/v1", "Deployment");
        var wanted = new JsonObject
        {
            ["selector"] = PoolObjects.Selector(entity),
            // Rollout without a missed check: the new worker is there before the old one hands over.
            ["strategy"] = new JsonObject { ["type"] = "RollingUpdate", ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 0, ["maxSurge"] = 1 } },
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = PoolObjects.Labels(entity) }, ["spec"] = Pod(entity, spec, image, options) },
        };
        // Where the pool does not say how many, the number is an autoscaler's.
        if (spec.Replicas is { } replicas)
            wanted["replicas"] = replicas;
        deployment["spec"] = wanted;
        return deployment;
    }

    private static JsonObject Pod(V1Alpha1ProbePool entity, ProbePoolSpec spec, string image, PoolOptions options)
    {
        var pod = new JsonObject
        {
            ["serviceAccountName"] = PoolServiceAccounts.NameOf(entity.Metadata.Name),
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["terminationGracePeriodSeconds"] = GraceSeconds,
            ["securityContext"] = Security(options.ProbeUser),
            // Two workers on one node are one when the node goes.
            ["topologySpreadConstraints"] = new JsonArray(new JsonObject
            {
                ["maxSkew"] = 1,
                ["topologyKey"] = "kubernetes.io/hostname",
                ["whenUnsatisfiable"] = "ScheduleAnyway",
                ["labelSelector"] = PoolObjects.Selector(entity),
            }),
            ["containers"] = new JsonArray(Container(entity.Metadata.Name, spec, image, options)),
            ["volumes"] = Volumes(options),
        };
        if ((spec.ImagePullSecrets?.Select(s => s.Name) ?? options.ProbePullSecrets).ToList() is { Count: > 0 } secrets)
            pod["imagePullSecrets"] = new JsonArray([.. secrets.Select(name => new JsonObject { ["name"] = name })]);
        if (spec.NodeSelector is { Count: > 0 } nodes)
            pod["nodeSelector"] = Map(nodes);
        if (spec.Tolerations is { Count: > 0 } tolerations)
            pod["tolerations"] = new JsonArray([.. tolerations.Select(Toleration)]);
        return pod;
    }

    private static JsonObject Security(int? user)
    {
        var security = new JsonObject { ["runAsNonRoot"] = true, ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } };
        // Where the cluster gives each namespace ids of its own (OpenShift), a pod that asks for others is refused.
        if (user is { } id)
        {
            foreach (var field in (ReadOnlySpan<string>)["runAsUser", "runAsGroup", "fsGroup"])
                security[field] = id;
        }
        return security;
    }

    private static JsonObject Container(string pool, ProbePoolSpec spec, string image, PoolOptions options)
    {
        var mounts = new JsonArray(Mount("token", TokenFolder, readOnly: true), Mount("spool", SpoolFolder), Mount("tmp", "/tmp"));
        if (options.HasLinkCa)
            mounts.Add(Mount("link-ca", CaFolder, readOnly: true));
        var container = new JsonObject
        {
            ["name"] = "probe",
            ["image"] = image,
            ["args"] = new JsonArray([.. Arguments(pool, spec, options).Select(a => JsonValue.Create(a))]),
            // A host's name is cut off after 63 characters, a pod's is not.
            ["env"] = new JsonArray(new JsonObject
            {
                ["name"] = "HEALTHTRACK_WORKER_ID",
                ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.name" } },
            }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "admin", ["containerPort"] = PoolObjects.AdminPort, ["protocol"] = "TCP" }),
            ["livenessProbe"] = Probe("/healthz"),
            ["readinessProbe"] = Probe("/readyz"),
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["readOnlyRootFilesystem"] = true,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            },
            ["volumeMounts"] = mounts,
        };
        var resources = new JsonObject();
        // One or the other: a limit of ours may be less than a request of the pool's.
        var wanted = spec.Resources ?? options.ProbeResources;
        if (wanted?.Requests is { Count: > 0 } requests)
            resources["requests"] = Map(requests);
        if (wanted?.Limits is { Count: > 0 } limits)
            resources["limits"] = Map(limits);
        if (resources.Count > 0)
            container["resources"] = resources;
        return container;
    }

    private static List<string> Arguments(string pool, ProbePoolSpec spec, PoolOptions options)
    {
        List<string> arguments =
        [
            "--operator", options.Link, "--pool", pool, "--token-file", $"{TokenFolder}/token", "--spool", SpoolFolder, "--bind", options.Bind,
            "--admin-port", PoolObjects.AdminPort.ToString(CultureInfo.InvariantCulture),
        ];
        if (options.HasLinkCa)
            arguments.AddRange(["--link-ca-file", $"{CaFolder}/ca.crt"]);
        if (spec.Egress?.AllowCIDRs is { Count: > 0 } allowed)
            arguments.AddRange(["--allow-cidrs", string.Join(',', allowed)]);
        if (spec.Egress?.DenyCIDRs is { Count: > 0 } denied)
            arguments.AddRange(["--deny-cidrs", string.Join(',', denied)]);
        return arguments;
    }

    private static JsonArray Volumes(PoolOptions options)
    {
        var volumes = new JsonArray(
            new JsonObject
            {
                ["name"] = "token",
                ["projected"] = new JsonObject
                {
                    ["defaultMode"] = 288, // 0440
                    ["sources"] = new JsonArray(new JsonObject
                    {
                        ["serviceAccountToken"] = new JsonObject
                        {
                            ["path"] = "token", ["audience"] = PoolServiceAccounts.Audience, ["expirationSeconds"] = 3600,
                        },
                    }),
                },
            },
            new JsonObject { ["name"] = "spool", ["emptyDir"] = new JsonObject { ["sizeLimit"] = "512Mi" } },
            new JsonObject { ["name"] = "tmp", ["emptyDir"] = new JsonObject { ["sizeLimit"] = "64Mi" } });
        if (options.LinkCaConfigMap is { } authority)
            volumes.Add(new JsonObject { ["name"] = "link-ca", ["configMap"] = new JsonObject { ["name"] = authority, ["defaultMode"] = 292 } }); // 0444
        else if (options.LinkCaSecret is { } secret)
        {
            // The key beside it is none of a worker's business.
            var certificate = new JsonArray(new JsonObject { ["key"] = "ca.crt", ["path"] = "ca.crt" });
            volumes.Add(new JsonObject { ["name"] = "link-ca", ["secret"] = new JsonObject { ["secretName"] = secret, ["defaultMode"] = 292, ["items"] = certificate } });
        }
        return volumes;
    }

    private static JsonObject Toleration(TolerationSpec toleration)
    {
        var json = new JsonObject { ["operator"] = toleration.Operator ?? "Equal" };
        if (toleration.Key is { } key)
            json["key"] = key;
        if (toleration.Value is { } value)
            json["value"] = value;
        if (toleration.Effect is { } effect)
            json["effect"] = effect;
        if (toleration.TolerationSeconds is { } seconds)
            json["tolerationSeconds"] = seconds;
        return json;
    }

    private static JsonObject Mount(string name, string path, bool readOnly = false)
    {
        var mount = new JsonObject { ["name"] = name, ["mountPath"] = path };
        if (readOnly)
            mount["readOnly"] = true;
        return mount;
    }

    private static JsonObject Probe(string path) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = "admin", ["scheme"] = "HTTP" },
        ["periodSeconds"] = 5,
        ["timeoutSeconds"] = 3,
        ["failureThreshold"] = 6,
    };

    private static JsonObject Map(IReadOnlyDictionary<string, string> map) =>
        new(map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
}
