namespace HealthTrack.Operator.Trust;

/// <summary>The ServiceAccounts that the workers of pools run as, in the operator's namespace: one a pool, so that no pool can speak for another.</summary>
internal static class PoolServiceAccounts
{
    /// <summary>The audience of tokens that are meant for HealthTrack alone, and are of no use to whoever gets hold of one elsewhere.</summary>
    public const string Audience = "healthtrack";

    private const string Prefix = "healthtrack-probe-";

    /// <summary>The ServiceAccount of a pool.</summary>
    public static string NameOf(string pool) => Prefix + pool;
}
