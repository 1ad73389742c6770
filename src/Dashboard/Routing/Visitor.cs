namespace HealthTrack.Dashboard.Routing;

/// <summary>Who looks at the dashboard, as Grafana is told.</summary>
/// <param name="Name">The user's name: printable ASCII.</param>
/// <param name="Role">Grafana's role: <c>Viewer</c>, <c>Editor</c> or <c>Admin</c>.</param>
internal sealed record Visitor(string Name, string Role);

/// <summary>Says who a request is of. The one place that a sign-in replaces.</summary>
internal interface IVisitors
{
    /// <summary>The visitor; never null, and never from a header that the visitor wrote.</summary>
    Visitor Of(HttpContext context);
}

/// <summary>Nobody signs in: all are the same viewer.</summary>
internal sealed class UnknownVisitors : IVisitors
{
    private static readonly Visitor Viewer = new("viewer", "Viewer");

    public Visitor Of(HttpContext context) => Viewer;
}
