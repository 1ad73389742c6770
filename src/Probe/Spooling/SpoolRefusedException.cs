namespace HealthTrack.Probe.Spooling;

/// <summary>The spool's folder cannot be used: the program does not start.</summary>
/// <param name="sentence">What is wrong and what to do, for the person who started the program.</param>
/// <param name="inner">What the system said.</param>
internal sealed class SpoolRefusedException(string sentence, Exception inner) : Exception(sentence, inner);
