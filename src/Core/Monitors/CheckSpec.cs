namespace HealthTrack.Core.Monitors;

/// <summary>What one check does. One derived record a protocol.</summary>
public abstract record CheckSpec
{
    /// <summary>The name of the kind as in the spec: <c>http</c>, <c>tcp</c>, ...</summary>
    public abstract string Kind { get; }

    /// <summary>The target as shown to people and compared on a change of the spec: a URL, or <c>host:port</c>. Holds no secret.</summary>
    public abstract string Target { get; }

    /// <summary>The secrets that a check needs; empty where it needs none.</summary>
    public virtual IEnumerable<SecretRef> Secrets => [];

    /// <summary>Those of <see cref="Secrets"/> that hold certificates, bundles or their keys: they may be larger than a credential.</summary>
    public virtual IEnumerable<SecretRef> Certificates => [];

    /// <summary>Kind and target; not every member, because a URL or a header may hold a password and this ends up in logs.</summary>
    public sealed override string ToString() => $"{Kind} {Target}";
}

/// <summary>A key of a Secret in the monitor's own namespace.</summary>
/// <param name="Name">The Secret's name.</param>
/// <param name="Key">The key in its data.</param>
public readonly record struct SecretRef(string Name, string Key)
{
    /// <summary><c>name/key</c>.</summary>
    public override string ToString() => $"{Name}/{Key}";
}

/// <summary>A value given literally or by reference to a secret; exactly one of the two is set.</summary>
/// <param name="Literal">The value itself.</param>
/// <param name="Secret">Where the value is found.</param>
public readonly record struct ValueOrSecret(string? Literal, SecretRef? Secret);
