using HealthTrack.Core.Sre;

namespace HealthTrack.Engine.Results;

/// <summary>Why a monitor cannot be checked with the secrets that its spec names.</summary>
/// <param name="Reason">One of <see cref="HealthReasons"/>.</param>
/// <param name="Sentence">For people, without a value: begins small and has no full stop.</param>
internal sealed record SecretProblem(string Reason, string Sentence)
{
    /// <summary>What is said of a monitor that has it.</summary>
    public string Message => $"No check is made: {Sentence}.";

    /// <summary>Secrets that cannot be read.</summary>
    public static SecretProblem NotFound(IReadOnlyList<string> names) => new(
        HealthReasons.SecretNotFound, $"{string.Join(", ", names)} {(names.Count == 1 ? "does" : "do")} not exist or may not be read");

    /// <summary>A secret that is larger than any credential.</summary>
    public static SecretProblem TooLarge(string name, long bytes, int limit) =>
        new(HealthReasons.SecretTooLarge, $"{name} holds {bytes} bytes, and at most {limit} are allowed (certificates apart)");

    /// <summary>Secrets that are too large together.</summary>
    public static SecretProblem TooLargeTogether(string largest, long bytes, int limit) =>
        new(HealthReasons.SecretTooLarge, $"its secrets hold {bytes} bytes together, and at most {limit} are allowed: the largest is {largest}");
}
