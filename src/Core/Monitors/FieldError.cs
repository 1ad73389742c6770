namespace HealthTrack.Core.Monitors;

/// <summary>One thing wrong with a manifest.</summary>
/// <param name="Path">The field, as a user would write it: <c>spec.http.headers[2].name</c>.</param>
/// <param name="Problem">What is wrong and what would be right, one sentence without the path.</param>
public sealed record FieldError(string Path, string Problem)
{
    /// <summary><c>path: problem</c>.</summary>
    public override string ToString() => Path.Length == 0 ? Problem : $"{Path}: {Problem}";
}
