using System.Net;

namespace HealthTrack.Probe;

/// <summary>How a probe worker runs. Checked at start: a wrong value stops the program with a sentence.</summary>
public sealed class ProbeOptions
{
    /// <summary>Unique among workers and stable across reconnects; by default the machine's name (the pod's, in a cluster).</summary>
    public string WorkerId { get; set; } = Environment.MachineName;

    /// <summary>The pool, that is the location, that checks are made from.</summary>
    public string Pool { get; set; } = "default";

    /// <summary>Its weight among the workers of its pool: one of weight 2 is given twice the monitors of one of weight 1. 1 to 1000.</summary>
    public int Capacity { get; set; } = 1;

    /// <summary>Checks that may run at once; a due check that finds no room is missed and counted. 1 to 1 000 000.</summary>
    public int MaxInFlight { get; set; } = 20_000;

    /// <summary>
    /// Results kept in memory until they are acknowledged; past this they are in the <see cref="Spool"/> alone, or, without one, the oldest are dropped and
    /// counted. At least 1000.
    /// </summary>
    public int MaxUnacknowledged { get; set; } = 200_000;

    /// <summary>A folder, for this worker alone, of results that wait: they outlive memory's bound and the process. Null: memory alone.</summary>
    public string? Spool { get; set; }

    /// <summary>Bytes that the spool's files may take; past this the oldest results are dropped and counted. At least 1 MiB.</summary>
    public long SpoolLimit { get; set; } = 256L * 1024 * 1024;

    /// <summary>Refuses targets on this machine itself. By default true in a cluster, where they would be the worker's own pod.</summary>
    public bool DenyLoopback { get; set; } = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 };

    /// <summary>Ranges (CIDR) that may be probed although they are refused by default: link-local, cloud metadata, loopback.</summary>
    public IList<string> AllowCidrs { get; } = [];

    /// <summary>
    /// Where the user writes what becomes <see cref="AllowCidrs"/>, such as "a ProbePool's egress.allowCIDRs": a refusal names it. Null where
    /// the host has no such setting.
    /// </summary>
    public string? AllowCidrsSetting { get; set; }

    /// <summary>Ranges (CIDR) that are never probed; they win over <see cref="AllowCidrs"/>.</summary>
    public IList<string> DenyCidrs { get; } = [];

    /// <summary>A PEM bundle of the public roots; null: <c>SSL_CERT_FILE</c>, else <c>/etc/ssl/certs/ca-certificates.crt</c>.</summary>
    public string? TrustBundle { get; set; }

    /// <summary>
    /// The longest that checking goes on, when stopping, until other workers have taken the checks over. Zero where the control plane ends with this process:
    /// there is nobody to hand over to.
    /// </summary>
    public TimeSpan HandOverTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait, when stopping, for checks that are running.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait, when stopping, for the results' acknowledgement.</summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(5);

    internal static IPNetwork[] Parse(IEnumerable<string> cidrs) => [.. cidrs.Select(text => IPNetwork.Parse(text))];
}
