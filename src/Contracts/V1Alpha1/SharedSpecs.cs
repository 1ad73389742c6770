namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>A header or metadata field with its value, or where that is found; exactly one of the two is set.</summary>
public sealed record NamedValueSpec
{
    /// <summary>Name of the field, an RFC 9110 token.</summary>
    public required string Name { get; init; }

    /// <summary>The value. Not for secrets: whoever may read the monitor can read it.</summary>
    public string? Value { get; init; }

    /// <summary>Where the value is found.</summary>
    public SecretValueSpec? ValueFrom { get; init; }
}

/// <summary>A value that is found in a Secret.</summary>
public sealed record SecretValueSpec
{
    /// <summary>The key of a Secret that holds the value.</summary>
    public required SecretKeyRef SecretKeyRef { get; init; }
}

/// <summary>A key of a Secret in the namespace of the monitor.</summary>
public sealed record SecretKeyRef
{
    /// <summary>Name of a Secret in the namespace of the monitor.</summary>
    public required string Name { get; init; }

    /// <summary>Key in the data of the Secret.</summary>
    public required string Key { get; init; }
}

/// <summary>How TLS is spoken with a target.</summary>
public sealed record TlsOptionsSpec
{
    /// <summary>PEM bundle of the only roots that are trusted. Default: the public roots.</summary>
    public DefaultKeySecretRef? CaSecretRef { get; init; }

    /// <summary>Secret of type kubernetes.io/tls (keys tls.crt and tls.key) with the client certificate to show.</summary>
    public SecretNameRef? ClientCertSecretRef { get; init; }

    /// <summary>Name that is sent as SNI and that the certificate must be for. Default: the host of the target.</summary>
    public string? ServerName { get; init; }

    /// <summary>Read the certificate but do not verify it. Its end is still watched.</summary>
    public bool? InsecureSkipVerify { get; init; }

    /// <summary>
    /// A certificate that ends sooner than this makes the health Degraded and raises the certificate alert. The outcome of the check
    /// stays. 0 turns this off.
    /// </summary>
    public string? MinCertificateValidity { get; init; }
}

/// <summary>A key of a Secret in the namespace of the monitor; the key has a default.</summary>
public sealed record DefaultKeySecretRef
{
    /// <summary>Name of a Secret in the namespace of the monitor.</summary>
    public required string Name { get; init; }

    /// <summary>Key in the data of the Secret.</summary>
    public string? Key { get; init; }
}

/// <summary>A Secret in the namespace of the monitor, or of the pool.</summary>
public sealed record SecretNameRef
{
    /// <summary>Name of the Secret.</summary>
    public required string Name { get; init; }
}
