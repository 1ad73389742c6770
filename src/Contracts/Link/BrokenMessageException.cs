namespace HealthTrack.Contracts.Link;

/// <summary>The other side of the link said something that no sound program says: the connection is of no more use.</summary>
/// <param name="message">What is wrong, one sentence that quotes nothing of what was said.</param>
public sealed class BrokenMessageException(string message) : IOException(message);
