namespace HealthTrack.Core.Monitors;

/// <summary>The name of a monitor as its users know it: unique among the monitors that exist, stable across stores.</summary>
/// <param name="Namespace">A Kubernetes namespace name (RFC 1123 label).</param>
/// <param name="Name">The resource's <c>metadata.name</c> (RFC 1123 subdomain).</param>
public readonly record struct MonitorKey(string Namespace, string Name) : IComparable<MonitorKey>
{
    /// <summary>Orders by namespace, then name, both ordinal.</summary>
    public int CompareTo(MonitorKey other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary><c>namespace/name</c>.</summary>
    public override string ToString() => $"{Namespace}/{Name}";

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(MonitorKey left, MonitorKey right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(MonitorKey left, MonitorKey right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not sort after <paramref name="right"/>.</summary>
    public static bool operator <=(MonitorKey left, MonitorKey right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not sort before <paramref name="right"/>.</summary>
    public static bool operator >=(MonitorKey left, MonitorKey right) => left.CompareTo(right) >= 0;
}
