namespace HealthTrack.Dashboard.Ui;

/// <summary>A service's target, which is text of whoever wrote the manifest.</summary>
internal static class Target
{
    /// <summary>Only http and https become links, never javascript: and the like.</summary>
    public static bool IsLink(string target) =>
        Uri.TryCreate(target, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps);
}
