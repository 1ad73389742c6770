using HealthTrack.Core.Ports;
using HealthTrack.Probe.Spooling;

namespace HealthTrack.Probe.Link;

/// <summary>A batch that waits: in memory, in the spool, or both. Guarded by the lock of the <see cref="ResultOutbox"/>.</summary>
internal sealed class WaitingBatch(long sequence, int count)
{
    /// <summary>Its number.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>Results in it.</summary>
    public int Count { get; } = count;

    /// <summary>What is in it; null while it is in the spool alone.</summary>
    public ResultBatch? Batch { get; set; }

    /// <summary>Where it is in the spool; null while it is in memory alone.</summary>
    public SpoolPosition? At { get; set; }
}
