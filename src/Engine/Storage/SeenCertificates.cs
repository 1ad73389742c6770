namespace HealthTrack.Engine.Storage;

/// <summary>
/// How every driver knows which certificates are needed no more: each row says when a check that names it was due last, written again only when that is
/// <see cref="Step"/> later, so that a check costs nothing. A target may show a new certificate with every connection.
/// </summary>
internal static class SeenCertificates
{
    /// <summary>How far what is written may be behind, ms.</summary>
    public const long Step = 86_400_000;

    /// <summary>Whether a row that says <paramref name="seen"/> has to be written for a check due at <paramref name="due"/>.</summary>
    public static bool IsBehind(long seen, long due) => due - seen > Step;

    /// <summary>Rows seen before this are named by no check that is kept, where checks are kept from <paramref name="cutOff"/> on.</summary>
    public static long Unneeded(long cutOff) => cutOff - Step;
}
