namespace HealthTrack.Contracts.Api;

/// <summary>Headers between HealthTrack's own parts.</summary>
public static class ApiHeaders
{
    /// <summary>From the dashboard's proxy to the API: the path under which the API is seen from outside, such as <c>/api</c>.</summary>
    public const string Prefix = "X-HealthTrack-Prefix";
}
