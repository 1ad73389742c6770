namespace HealthTrack.Core.Checks;

/// <summary>A result with the way that led to it, for people who ask why.</summary>
public sealed record ExplainedResult
{
    /// <summary>The result itself.</summary>
    public required CheckResult Result { get; init; }

    /// <summary>The address that was connected to, <c>ip:port</c>; null where none was.</summary>
    public string? Address { get; init; }

    /// <summary>The protocol that was spoken, such as <c>HTTP/1.1</c>; null where nothing was.</summary>
    public string? Protocol { get; init; }

    /// <summary>The URLs that redirects led to, in order, without user information.</summary>
    public IReadOnlyList<string> Redirects { get; init; } = [];

    /// <summary>Bytes of the body that were read.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Each expectation and how it went, in the order of the spec.</summary>
    public IReadOnlyList<ExpectationResult> Expectations { get; init; } = [];
}

/// <summary>How one expectation went.</summary>
/// <param name="Path">The expectation's path below <c>expect</c>: <c>status</c>, <c>body[0].contains</c>.</param>
/// <param name="Expected">What was asked for.</param>
/// <param name="Actual">What was found, cut to a line.</param>
/// <param name="Passed">Whether it held.</param>
public sealed record ExpectationResult(string Path, string Expected, string Actual, bool Passed);
