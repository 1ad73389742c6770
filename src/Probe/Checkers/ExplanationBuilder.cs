using HealthTrack.Core.Checks;

namespace HealthTrack.Probe.Checkers;

/// <summary>Collects the way that led to a result.</summary>
internal sealed class ExplanationBuilder
{
    public string? Address { get; set; }
    public string? Protocol { get; set; }
    public List<string> Redirects { get; } = [];
    public long BodyBytes { get; set; }
    public IReadOnlyList<ExpectationResult> Expectations { get; set; } = [];

    public ExplainedResult Build(CheckResult result) => new()
    {
        Result = result,
        Address = Address,
        Protocol = Protocol,
        Redirects = Redirects,
        BodyBytes = BodyBytes,
        Expectations = Expectations,
    };
}
