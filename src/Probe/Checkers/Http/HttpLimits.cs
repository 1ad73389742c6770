namespace HealthTrack.Probe.Checkers.Http;

/// <summary>How much of an answer is read, in bytes, and how far redirects are followed.</summary>
internal static class HttpLimits
{
    public const int Body = 1 << 20;
    public const int Headers = 64 << 10;
    public const int Redirects = 10;
}
