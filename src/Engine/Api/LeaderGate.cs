using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Leadership;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api;

/// <summary>A process that does not lead knows nothing that is worth telling but of itself: it says who does.</summary>
internal sealed class LeaderGate(RequestDelegate next, ILeadership leadership)
{
    public Task InvokeAsync(HttpContext context) =>
        leadership.IsLeader || context.GetEndpoint()?.Metadata.GetMetadata<OnStandbys>() is not null ? next(context) : throw Refusal(leadership);

    /// <summary>The answer of a process that does not lead.</summary>
    public static RefusedException Refusal(ILeadership leadership) =>
        new(StatusCodes.Status503ServiceUnavailable, Sentence(leadership)) { RetryAfter = leadership.Leader is null ? 5 : 1 };

    private static string Sentence(ILeadership leadership) => leadership switch
    {
        { Lost.IsCancellationRequested: true } => "This process leads no more and is about to end: try again in some seconds.",
        { Leader: { } leader } => $"This process is a standby; {leader} leads: ask there.",
        { Problem: { } problem } => problem,
        _ => "No process leads yet: try again in some seconds.",
    };
}
