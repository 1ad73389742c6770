using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Tests.Oracles;

/// <summary>A check as the oracles know it: a line in a list, nothing derived.</summary>
internal sealed record PastCheck(long Due, long LatencyMicros, Outcome Outcome, CheckKind Kind, bool CountsInLatency);
