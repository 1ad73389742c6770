namespace HealthTrack.Probe.Spooling;

/// <summary>The spool's disk cannot be read now: what is on it is there still.</summary>
/// <param name="inner">What the system said.</param>
internal sealed class SpoolUnreadableException(Exception inner) : Exception(inner.Message, inner);
