namespace HealthTrack.Contracts.Api;

/// <summary>The short body of <c>POST /services</c>; a body with <c>kind</c> or <c>spec</c> is a whole manifest instead.</summary>
public sealed record NewService
{
    /// <summary>What people call it; slugified into <c>metadata.name</c>.</summary>
    public string? Name { get; init; }

    /// <summary>An http or https URL.</summary>
    public string? Url { get; init; }

    /// <summary>Time between checks, seconds; null: the default of the schema.</summary>
    public double? IntervalSeconds { get; init; }

    /// <summary>Time limit of a check, seconds; null: the default.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>The namespace; null: the default one.</summary>
    public string? Namespace { get; init; }
}

/// <summary>The answer of <c>DELETE /services/{id}</c>.</summary>
/// <param name="Ok">Always true.</param>
public sealed record Deleted(bool Ok);

/// <summary>The stream's <c>removed</c> event.</summary>
/// <param name="Id">The service that went.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public sealed record RemovedRow(long Id, string Namespace, string Name);

/// <summary>
/// The stream's <c>reset</c> event: what the reader knew is no longer good. As many <c>service</c> events follow, one for each service that exists.
/// </summary>
/// <param name="Services">How many.</param>
public sealed record StreamReset(int Services);

/// <summary>One wrong field in the <c>errors</c> of a 422 problem (RFC 9457).</summary>
/// <param name="Path">The field, such as <c>spec.http.url</c>.</param>
/// <param name="Problem">What is wrong and what would be right.</param>
public sealed record FieldProblem(string Path, string Problem);
