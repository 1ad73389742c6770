using HealthTrack.Contracts.Api;

namespace HealthTrack.Engine.Api.Http;

/// <summary>A request that is answered with a problem; the message is the problem's detail, a sentence for whoever sent it.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="detail">What is wrong and what would help.</param>
/// <param name="errors">The wrong fields; empty where it is not about fields.</param>
internal sealed class RefusedException(int status, string detail, IReadOnlyList<FieldProblem>? errors = null) : Exception(detail)
{
    public int Status { get; } = status;

    public IReadOnlyList<FieldProblem> Errors { get; } = errors ?? [];

    /// <summary>Seconds after which another try makes sense; null where none does.</summary>
    public int? RetryAfter { get; init; }
}
