using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Ports;

/// <summary>Where secret values are read.</summary>
public interface ISecretSource
{
    /// <summary>The value of one key of a secret.</summary>
    /// <param name="ns">The monitor's namespace: secrets are read nowhere else.</param>
    /// <param name="secret">Name and key.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The value as text (UTF-8), or null where the secret or its key does not exist or may not be read.</returns>
    ValueTask<string?> GetAsync(string ns, SecretRef secret, CancellationToken cancellationToken);
}
