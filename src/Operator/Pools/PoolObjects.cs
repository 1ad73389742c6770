using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Entities;
using HealthTrack.Operator.Trust;

namespace HealthTrack.Operator.Pools;

/// <summary>
/// The objects that run a pool's workers, as they are applied: pure functions. They hold what is ours and no more, so that what others add (a sidecar, an
/// annotation) stays. All have the name of the pool's ServiceAccount, and the pool as their owner: they go when it goes.
/// </summary>
internal static class PoolObjects
{
    /// <summary>The label that says whose an object is.</summary>
    public const string PoolLabel = "sre.healthtrack.io/pool";

    /// <summary>The admin port of workers.</summary>
    public const int AdminPort = 8002;

    /// <summary>The workers' identity. Its token is projected by the Deployment; nothing is mounted where it is used by others.</summary>
    public static JsonObject ServiceAccount(V1Alpha1ProbePool pool)
    {
        var account = Owned(pool, "v1", "ServiceAccount");
        account["automountServiceAccountToken"] = false;
        return account;
    }

    /// <summary>Of a pool's workers one at a time may be taken away for a node's sake.</summary>
    public static JsonObject DisruptionBudget(V1Alpha1ProbePool pool)
    {
        var budget = Owned(pool, "policy/v1", "PodDisruptionBudget");
        budget["spec"] = new JsonObject { ["maxUnavailable"] = 1, ["selector"] = Selector(pool) };
        return budget;
    }

    /// <summary>Nobody has to dial a worker but for its metrics and health; it dials name servers, the operators, and all that it may check.</summary>
    public static JsonObject NetworkPolicy(V1Alpha1ProbePool pool, ProbePoolSpec spec, PoolOptions options)
    {
        var policy = Owned(pool, "networking.k8s.io/v1", "NetworkPolicy");
        policy["spec"] = new JsonObject
        {
            ["podSelector"] = Selector(pool),
            ["policyTypes"] = new JsonArray("Ingress", "Egress"),
            ["ingress"] = new JsonArray(new JsonObject
            {
                ["ports"] = new JsonArray(new JsonObject { ["port"] = AdminPort, ["protocol"] = "TCP" }),
            }),
            ["egress"] = PoolEgress.Rules(spec.Egress, options.Link),
        };
        return policy;
    }

    /// <summary>The labels of a pool's objects.</summary>
    public static JsonObject Labels(V1Alpha1ProbePool pool) => new()
    {
        ["app.kubernetes.io/name"] = "healthtrack-probe",
        ["app.kubernetes.io/part-of"] = "healthtrack",
        ["app.kubernetes.io/managed-by"] = "healthtrack",
        [PoolLabel] = pool.Metadata.Name,
    };

    /// <summary>What tells a pool's workers from all others. A Deployment's can never be changed.</summary>
    public static JsonObject Selector(V1Alpha1ProbePool pool) => new()
    {
        ["matchLabels"] = new JsonObject { ["app.kubernetes.io/name"] = "healthtrack-probe", [PoolLabel] = pool.Metadata.Name },
    };

    /// <summary>An object with its head.</summary>
    public static JsonObject Owned(V1Alpha1ProbePool pool, string apiVersion, string kind) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = PoolServiceAccounts.NameOf(pool.Metadata.Name),
            ["namespace"] = pool.Metadata.NamespaceProperty,
            ["labels"] = Labels(pool),
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = HealthTrack.Contracts.V1Alpha1.ServiceMonitor.GroupVersion,
                ["kind"] = ProbePool.KindName,
                ["name"] = pool.Metadata.Name,
                ["uid"] = pool.Metadata.Uid,
                ["controller"] = true,
                ["blockOwnerDeletion"] = false,
            }),
        },
    };
}
