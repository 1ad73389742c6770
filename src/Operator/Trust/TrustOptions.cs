namespace HealthTrack.Operator.Trust;

/// <summary>Whom the cluster's part of trust is about.</summary>
internal sealed record TrustOptions
{
    /// <summary>The operator's namespace, where the pools' ServiceAccounts are.</summary>
    public required string Namespace { get; init; }

    /// <summary>The ServiceAccount of the dashboard as <c>namespace/name</c>; null: nobody is believed who calls for others.</summary>
    public string? DashboardServiceAccount { get; init; }

    /// <summary>The namespaces that are watched; empty: all of the cluster.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>The dashboard's user name in the cluster.</summary>
    public string? DashboardUser => DashboardServiceAccount?.Split('/') is [var ns, var name] ? $"system:serviceaccount:{ns}:{name}" : null;

    /// <summary>What is wrong with a ServiceAccount, as a sentence; null where nothing is.</summary>
    public static string? Problem(string account) =>
        account.Split('/') is [var ns, var name] && IsName(ns) && IsName(name)
            ? null
            : "--dashboard-service-account must be NAMESPACE/NAME, such as healthtrack/healthtrack-dashboard.";

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 253 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
}
