using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Operator.Tests.Trust;

/// <summary>ServiceAccounts with rights and tokens, as an administrator makes them.</summary>
internal static class Accounts
{
    public static async Task CreateAccountAsync(this KubernetesApiServer server, string ns, string name, CancellationToken cancellationToken) =>
        await server.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts", Named(name), cancellationToken);

    /// <summary>A token as the kubelet projects it, or kubectl create token makes it; for the API server itself where no audience is given.</summary>
    public static async Task<string> TokenAsync(this ApiServerInstance server, string ns, string account, CancellationToken cancellationToken, string? audience = null)
    {
        var spec = new JsonObject { ["expirationSeconds"] = 3600 };
        if (audience is not null)
            spec["audiences"] = new JsonArray(audience);
        var answer = await server.PostAsync(
            $"/api/v1/namespaces/{ns}/serviceaccounts/{account}/token", new JsonObject { ["spec"] = spec }, cancellationToken);
        return (string)answer["status"]!["token"]!;
    }

    /// <summary>A token of the server's own signature that ended that long ago, which the server itself makes none of.</summary>
    public static async Task<string> EndedTokenAsync(this KubernetesApiServer server, string ns, string account, string audience, int endedSeconds, CancellationToken cancellationToken)
    {
        var found = JsonNode.Parse(await server.Admin.GetStringAsync(new Uri($"/api/v1/namespaces/{ns}/serviceaccounts/{account}", UriKind.Relative), cancellationToken))!;
        var end = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - endedSeconds;
        var payload = new JsonObject
        {
            ["iss"] = "https://kubernetes.default.svc",
            ["sub"] = $"system:serviceaccount:{ns}:{account}",
            ["aud"] = new JsonArray(audience),
            ["iat"] = end - 3600,
            ["nbf"] = end - 3600,
            ["exp"] = end,
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = ns,
                ["serviceaccount"] = new JsonObject { ["name"] = account, ["uid"] = (string)found["metadata"]!["uid"]! },
            },
        };
        var text = $"{Encode("""{"alg":"RS256"}""")}.{Encode(payload.ToJsonString())}";
        using var key = RSA.Create();
        key.ImportFromPem(server.ServiceAccountKey);
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <summary>Gives a subject a ClusterRole of HealthTrack's users in one namespace, and waits until the API server knows.</summary>
    public static async Task BindAsync(this KubernetesApiServer server, string ns, string role, JsonObject subject, CancellationToken cancellationToken)
    {
        await server.PostAsync(
            $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["generateName"] = "test-" },
                ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = role },
                ["subjects"] = new JsonArray(subject.DeepClone()),
            },
            cancellationToken);
        var (kind, name) = ((string)subject["kind"]!, (string)subject["name"]!);
        var review = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["user"] = kind == "ServiceAccount" ? $"system:serviceaccount:{subject["namespace"]}:{name}" : kind == "User" ? name : "somebody",
                ["groups"] = kind == "Group" ? new JsonArray(name) : [],
                ["resourceAttributes"] = new JsonObject
                {
                    ["namespace"] = ns, ["group"] = "sre.healthtrack.io", ["resource"] = "servicemonitors", ["verb"] = role == "healthtrack-edit" ? "create" : "list",
                },
            },
        };
        await Eventually.TrueAsync(
            async () => (bool?)(await server.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", review, cancellationToken))["status"]!["allowed"] == true,
            $"the API server knows that {name} has {role}", cancellationToken);
    }

    /// <summary>Gives an account what people have who are bound to the role edit; the roles that aggregate it need a controller that does not run here.</summary>
    public static async Task MakeEditorAsync(this KubernetesApiServer server, string ns, string accountNs, string account, CancellationToken cancellationToken)
    {
        foreach (var role in new[] { "healthtrack-view", "healthtrack-edit" })
            await server.BindAsync(ns, role, Account(accountNs, account), cancellationToken);
    }

    /// <summary>Lets an account read one Secret.</summary>
    public static async Task AllowSecretAsync(this KubernetesApiServer server, string ns, string secret, string account, CancellationToken cancellationToken)
    {
        var role = Named($"read-{secret}");
        role["rules"] = new JsonArray(new JsonObject
        {
            ["apiGroups"] = new JsonArray(""), ["resources"] = new JsonArray("secrets"), ["resourceNames"] = new JsonArray(secret), ["verbs"] = new JsonArray("get"),
        });
        await server.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", role, cancellationToken);
        var binding = Named($"read-{secret}");
        binding["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = $"read-{secret}" };
        binding["subjects"] = new JsonArray(Account(ns, account));
        await server.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", binding, cancellationToken);
    }

    public static JsonObject Account(string ns, string name) => new() { ["kind"] = "ServiceAccount", ["namespace"] = ns, ["name"] = name };

    public static JsonObject Group(string name) => new() { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Group", ["name"] = name };

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
