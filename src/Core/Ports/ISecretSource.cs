using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Ports;

/// <summary>Where secret values are read.</summary>
public interface ISecretSource
{
    /// <summary>The value of one key of a secret.</summary>
    /// <param name="ns">The monitor's namespace: secrets are read nowhere else.</param>
    /// <param name="secret">Name and key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// The value as text (UTF-8), or null where the secret or its key does not exist or may not be read: an answer, on which checks are ended.
    /// </returns>
    /// <exception cref="SecretUnavailableException">Nobody can tell now: ask again, and go on with what is known.</exception>
    ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken);
}

/// <summary>Whoever keeps the secrets is away, or too busy to answer: nothing is said about the secret.</summary>
/// <param name="message">Why, one sentence without a secret.</param>
/// <param name="inner">What went wrong.</param>
public sealed class SecretUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
