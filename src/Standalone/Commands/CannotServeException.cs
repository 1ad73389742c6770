namespace HealthTrack.Standalone.Commands;

/// <summary>Serving cannot begin or go on; the message is one sentence for the person who started the program.</summary>
internal sealed class CannotServeException(string sentence) : Exception(sentence);
