using HealthTrack.Core.Assignments;

namespace HealthTrack.Probe.Checkers;

/// <summary>Takes secret values out of texts that a target may have echoed. Used only where a message is made, never on a good check.</summary>
internal static class SecretScrubber
{
    // A shorter secret would blank ordinary words, and tells no more than a guess would.
    private const int ShortestScrubbed = 4;

    public static string Scrub(string text, Assignment assignment)
    {
        foreach (var value in assignment.Secrets.Values)
        {
            var secret = value.Trim();
            if (secret.Length >= ShortestScrubbed)
                text = text.Replace(secret, "***", StringComparison.Ordinal)
                    .Replace(Uri.EscapeDataString(secret), "***", StringComparison.Ordinal);
        }
        return text;
    }
}
