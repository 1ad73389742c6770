namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>Opens a TCP connection, and says and expects a text where given.</summary>
public sealed record TcpSpec
{
    /// <summary>Host name or IP address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>Text to send once connected.</summary>
    public string? Send { get; init; }

    /// <summary>What the first bytes of the answer must hold.</summary>
    public TcpExpectSpec? Expect { get; init; }

    /// <summary>Speak TLS from the start, or after startTLS, with these options.</summary>
    public TlsOptionsSpec? Tls { get; init; }

    /// <summary>Upgrade the connection to TLS with this protocol's command.</summary>
    public string? StartTLS { get; init; }
}

/// <summary>What the first bytes of the answer must hold.</summary>
public sealed record TcpExpectSpec
{
    /// <summary>Text that the answer holds, case-sensitive.</summary>
    public string? Contains { get; init; }

    /// <summary>Regular expression (.NET syntax, without look-around and back-references) that the answer matches somewhere.</summary>
    public string? Matches { get; init; }
}

/// <summary>Asks a DNS question and looks at the answer.</summary>
public sealed record DnsSpec
{
    /// <summary>Name to ask for.</summary>
    public required string Name { get; init; }

    /// <summary>Record type to ask for.</summary>
    public string? Type { get; init; }

    /// <summary>Server to ask, host or host:port. Default: the worker's own resolver.</summary>
    public string? Server { get; init; }

    /// <summary>Transport to ask over.</summary>
    public string? Transport { get; init; }

    /// <summary>What the answer must look like.</summary>
    public DnsExpectSpec? Expect { get; init; }
}

/// <summary>What the answer must look like.</summary>
public sealed record DnsExpectSpec
{
    /// <summary>Response code.</summary>
    public string? Rcode { get; init; }

    /// <summary>Records that must be among the answers, as text.</summary>
    public IReadOnlyList<string>? Answers { get; init; }
}

/// <summary>Makes a TLS handshake and looks at the certificate.</summary>
public sealed record TlsHandshakeSpec
{
    /// <summary>Host name or IP address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public int? Port { get; init; }

    /// <summary>Name that is sent as SNI and that the certificate must be for. Default: the host of the target.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// A certificate that ends sooner than this makes the health Degraded and raises the certificate alert. The outcome of the check
    /// stays. 0 turns this off.
    /// </summary>
    public string? MinCertificateValidity { get; init; }
}

/// <summary>Calls grpc.health.v1.Health/Check.</summary>
public sealed record GrpcSpec
{
    /// <summary>Host name or IP address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>Service to ask for; empty asks for the server as a whole.</summary>
    public string? Service { get; init; }

    /// <summary>Request metadata, each name once.</summary>
    public IReadOnlyList<NamedValueSpec>? Metadata { get; init; }

    /// <summary>Speak TLS with these options. Default: clear text.</summary>
    public TlsOptionsSpec? Tls { get; init; }
}

/// <summary>Sends ICMP echo requests.</summary>
public sealed record IcmpSpec
{
    /// <summary>Host name or IP address.</summary>
    public required string Host { get; init; }

    /// <summary>Echo requests a check; one answer is enough.</summary>
    public int? Packets { get; init; }
}

/// <summary>Waits for a job to call POST /heartbeats/{token} once an interval; silence is the failure.</summary>
public sealed record HeartbeatSpec
{
    /// <summary>How much later than the interval a call may come.</summary>
    public string? Grace { get; init; }

    /// <summary>Secret that holds the token. Without it the operator makes the Secret NAME-heartbeat.</summary>
    public DefaultKeySecretRef? TokenSecretRef { get; init; }
}
