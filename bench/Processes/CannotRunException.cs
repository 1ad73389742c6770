namespace HealthTrack.Bench.Processes;

/// <summary>A bench cannot run here, or what it measured cannot be believed; the message says what to do.</summary>
internal sealed class CannotRunException(string message) : Exception(message);
