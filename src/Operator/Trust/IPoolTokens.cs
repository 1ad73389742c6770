namespace HealthTrack.Operator.Trust;

/// <summary>The tokens of pools whose workers run outside the cluster, as <c>spec.external.tokenSecretRef</c> of a ProbePool names them.</summary>
internal interface IPoolTokens
{
    /// <summary>Whether this is the token of this pool. Compares in a time that tells nothing of the token; asks nobody.</summary>
    bool Accepts(string pool, string token);

    /// <summary>Whether the token of this pool has been read, or it is known to have none: before that, a token that is not accepted may yet be.</summary>
    bool Knows(string pool);
}
