namespace HealthTrack.Engine.Storage;

/// <summary>
/// The store is there but this program cannot use it, now or later, until a person acts: it was written by a newer version, belongs to
/// another program, or is damaged. At the start it stops the program; later it is as good as away: what was measured is held, not lost. The
/// message is a sentence for that person and names the store.
/// </summary>
/// <param name="message">What is wrong and what would help.</param>
/// <param name="inner">The driver's exception.</param>
public sealed class StoreRefusedException(string message, Exception? inner = null) : StoreUnavailableException(message, inner);
