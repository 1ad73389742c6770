using HealthTrack.Contracts.Api;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Security;

/// <summary>The user whom the dashboard signed in and calls for, in headers that are believed from it alone.</summary>
internal static class ForwardedUser
{
    private const int LongestName = 256;
    private const int MostGroups = 200;

    // The cluster's own names: system:masters may do everything, and no sign-in of people gives it.
    private const string OfTheCluster = "system:";

    /// <summary>Whether a request says that it is for somebody.</summary>
    public static bool IsNamed(IHeaderDictionary headers) => headers.ContainsKey(ApiHeaders.User) || headers.ContainsKey(ApiHeaders.Groups);

    /// <summary>Reads them: one user, and groups by comma or in several lines.</summary>
    /// <param name="headers">Of a request from one who may forward.</param>
    /// <param name="problem">Why they cannot be taken, one sentence; null where they can.</param>
    /// <returns>Null where they cannot.</returns>
    public static ApiUser? Read(IHeaderDictionary headers, out string? problem)
    {
        var names = headers[ApiHeaders.User];
        var groups = headers[ApiHeaders.Groups]
            .SelectMany(line => (line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        problem = names is not [{ Length: > 0 } name]
            ? $"{ApiHeaders.User} must be given once, with a name, wherever {ApiHeaders.Groups} is."
            : Problem(name, groups);
        return problem is null ? new ApiUser(names[0]!) { Groups = [.. groups, "system:authenticated"] } : null;
    }

    private static string? Problem(string name, List<string> groups)
    {
        if (groups.Count > MostGroups)
            return $"{ApiHeaders.Groups} names more than {MostGroups} groups.";
        foreach (var text in groups.Prepend(name))
        {
            if (text.Length > LongestName || text.Any(char.IsControl))
                return $"{ApiHeaders.User} and {ApiHeaders.Groups} hold names of at most {LongestName} characters.";
            if (text.StartsWith(OfTheCluster, StringComparison.OrdinalIgnoreCase))
                return $"{ApiHeaders.User} and {ApiHeaders.Groups} may not name what begins with {OfTheCluster}: it is the cluster's own.";
        }
        return null;
    }
}
