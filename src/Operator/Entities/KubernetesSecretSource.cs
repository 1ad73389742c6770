using System.Net;
using System.Text;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Operator.Runtime;
using k8s.Models;

namespace HealthTrack.Operator.Entities;

/// <summary>
/// Reads Secrets with <c>get</c> alone. While the API server is away, a value that was read before goes on being good: a check must not fail because
/// something else does. Thread-safe.
/// </summary>
internal sealed class KubernetesSecretSource(ResourceClient<V1Secret> client, TimeProvider time) : ISecretSource
{
    private readonly LastKnownSecrets _known = new(time);

    /// <inheritdoc/>
    public async ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken)
    {
        string? value;
        try
        {
            var found = await client.FindAsync(new ResourceKey(ns, secret.Name), cancellationToken);
            value = found?.Data is { } data && data.TryGetValue(secret.Key, out var bytes) ? Encoding.UTF8.GetString(bytes) : null;
        }
        // Answers about this secret: it may not be read, or no secret can have that name.
        catch (KubernetesApiException e) when (e.Status is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            value = null;
        }
        // Away, busy, or our own credentials are refused: nothing is said about the secret.
        catch (KubernetesApiException) when (_known.Find(ns, secret) is { } known)
        {
            return known;
        }
        catch (KubernetesApiException e)
        {
            throw new SecretUnavailableException($"The secret {ns}/{secret.Name} cannot be read now: {e.Message}", e);
        }
        _known.Remember(ns, secret, value);
        return value;
    }
}
