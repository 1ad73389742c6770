namespace HealthTrack.Probe.Link;

/// <summary>The control plane is there and does not want this worker: somebody has to do something, so it is not asked again at once.</summary>
/// <param name="sentence">What it said.</param>
/// <param name="inner">How it was said.</param>
internal sealed class LinkRefusedException(string sentence, Exception? inner) : IOException(sentence, inner);
