namespace HealthTrack.Contracts.Api;

/// <summary>Headers between HealthTrack's own parts.</summary>
public static class ApiHeaders
{
    /// <summary>From the dashboard's proxy to the API: the path under which the API is seen from outside, such as <c>/api</c>.</summary>
    public const string Prefix = "X-HealthTrack-Prefix";

    /// <summary>From the dashboard to the API: the user whom it signed in and calls for. Believed from the dashboard's own credential alone.</summary>
    public const string User = "X-HealthTrack-User";

    /// <summary>The groups of <see cref="User"/>, by comma.</summary>
    public const string Groups = "X-HealthTrack-Groups";
}
