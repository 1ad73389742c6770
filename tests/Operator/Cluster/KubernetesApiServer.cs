using System.Text.Json.Nodes;

[assembly: AssemblyFixture(typeof(HealthTrack.Operator.Tests.Cluster.KubernetesApiServer))]

namespace HealthTrack.Operator.Tests.Cluster;

/// <summary>The API server that the tests of this assembly share: each uses a namespace, or an API group, of its own.</summary>
public sealed class KubernetesApiServer : ApiServerInstance, IAsyncLifetime
{
    private static int _names;

    public async ValueTask InitializeAsync() => await StartAsync(CancellationToken.None);

    /// <summary>Makes a namespace of its own for a test.</summary>
    public async Task<string> CreateNamespaceAsync(CancellationToken cancellationToken)
    {
        var name = $"test-{Interlocked.Increment(ref _names)}";
        await PostAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, cancellationToken);
        return name;
    }

    /// <summary>Makes a ServiceAccount without any right.</summary>
    /// <returns>A token of it, as the TokenRequest API gives it.</returns>
    public async Task<string> CreateServiceAccountAsync(string ns, string name, CancellationToken cancellationToken)
    {
        await PostAsync(
            $"/api/v1/namespaces/{ns}/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, cancellationToken);
        var request = new JsonObject { ["spec"] = new JsonObject { ["expirationSeconds"] = 3600 } };
        var answer = await PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts/{name}/token", request, cancellationToken);
        return (string)answer["status"]!["token"]!;
    }

    /// <summary>Applies a file with kubectl, as a user would on a server that knows no CEL.</summary>
    public Task ApplyAsync(string file) => ApplyAsync(file, TestContext.Current.CancellationToken);

    /// <summary>Runs kubectl as an admin; fails the test where it does not answer 0.</summary>
    /// <returns>Its standard output.</returns>
    public Task<string> KubectlAsync(params string[] arguments) => KubectlAsync(arguments, TestContext.Current.CancellationToken);
}
