using System.Diagnostics;
using System.Net;
using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Checkers;

/// <summary>What a check under way has measured and learnt so far. Not safe for two threads at once: a check is one flow.</summary>
internal sealed class CheckTrace
{
    private readonly long _start = Stopwatch.GetTimestamp();

    // Stopwatch ticks, summed over the hops.
    public long Dns { get; set; }
    public long Connect { get; set; }
    public long Tls { get; set; }
    public long FirstByte { get; set; }
    public long Download { get; set; }

    public CertificateFacts? Certificate { get; set; }
    public IPEndPoint? Remote { get; set; }
    public string? Protocol { get; set; }

    public CheckPhases Phases => new(Micros(Dns), Micros(Connect), Micros(Tls), Micros(FirstByte), Micros(Download));

    /// <summary>Microseconds since the check started.</summary>
    public long Elapsed => Micros(Stopwatch.GetTimestamp() - _start);

    private static long Micros(long ticks) => (long)(ticks * (1_000_000.0 / Stopwatch.Frequency));
}
