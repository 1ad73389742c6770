using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Operator.Runtime;
using HealthTrack.Operator.Trust;
using k8s.Models;

namespace HealthTrack.Operator.Pools;

/// <summary>
/// The tokens of external pools, as the Secrets in the operator's namespace hold them: read anew after 60 s, kept as hashes. While the API server is away, what
/// was read last is good. Thread-safe.
/// </summary>
internal sealed class PoolTokens(ResourceClient<V1Secret> secrets, PoolOptions options, TimeProvider time) : IPoolTokens
{
    private const int MinLength = 16;
    private const int MaxLength = 4096;
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Known> _known = new();
    private readonly ConcurrentDictionary<string, byte> _unread = new();
    private volatile bool _complete;

    /// <inheritdoc/>
    public bool Accepts(string pool, string token) =>
        // Hashes are of one length, so that the time taken says nothing of the token's.
        _known.TryGetValue(pool, out var known) && known.Hash is not null
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), known.Hash);

    /// <inheritdoc/>
    public bool Knows(string pool) => _complete && !_unread.ContainsKey(pool);

    /// <summary>Every pool has been looked at once.</summary>
    public void Complete() => _complete = true;

    /// <summary>Reads the token of a pool where that is due.</summary>
    /// <returns>Why no worker can be let in, a sentence without the token; null where one can.</returns>
    /// <exception cref="KubernetesApiException">The API server cannot be asked, and never could.</exception>
    public async Task<string?> RefreshAsync(string pool, DefaultKeySecretRef reference, CancellationToken cancellationToken)
    {
        var before = _known.GetValueOrDefault(pool);
        var same = before?.Reference == reference;
        if (same && time.GetElapsedTime(before!.ReadAt) < ReadAgain)
            return before.Problem;
        string? token;
        string? problem;
        try
        {
            var secret = await secrets.FindAsync(new ResourceKey(options.Namespace, reference.Name), cancellationToken);
            (token, problem) = Read(secret, reference);
        }
        catch (KubernetesApiException e) when (e.Status is HttpStatusCode.Forbidden)
        {
            (token, problem) = (null, $"Secret {reference.Name} may not be read: apply config/rbac.");
        }
        catch (KubernetesApiException) when (same)
        {
            return before!.Problem;
        }
        catch (KubernetesApiException)
        {
            _unread[pool] = 0;
            throw;
        }
        _unread.TryRemove(pool, out _);
        _known[pool] = new Known(reference, token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token)), problem, time.GetTimestamp());
        return problem;
    }

    /// <summary>The pool is gone, or no longer external: nobody has its token.</summary>
    public void Forget(string pool)
    {
        _known.TryRemove(pool, out _);
        _unread.TryRemove(pool, out _);
    }

    private static (string? Token, string? Problem) Read(V1Secret? secret, DefaultKeySecretRef reference)
    {
        if (secret is null)
            return (null, $"There is no Secret {reference.Name} in the operator's namespace: make it, with the workers' token under the key {reference.Key}.");
        if (secret.Data is null || !secret.Data.TryGetValue(reference.Key!, out var bytes))
            return (null, $"Secret {reference.Name} has no key {reference.Key}: put the workers' token there.");
        // A file's last line ends, which is no part of the token.
        var token = Encoding.UTF8.GetString(bytes).Trim();
        return token.Length is >= MinLength and <= MaxLength
            ? (token, null)
            : (null, $"The token in Secret {reference.Name}, key {reference.Key}, must have {MinLength} to {MaxLength} characters.");
    }

    private sealed record Known(DefaultKeySecretRef Reference, byte[]? Hash, string? Problem, long ReadAt);
}
