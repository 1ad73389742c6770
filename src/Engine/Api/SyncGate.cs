using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Intake;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api;

/// <summary>Until every source has been read, nobody can say what is declared: an empty list would be a lie.</summary>
internal sealed class SyncGate(RequestDelegate next, IntakeProgress progress)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (progress.FirstSync.IsCompleted || context.GetEndpoint()?.Metadata.GetMetadata<BeforeFirstSync>() is not null)
            return next(context);
        var detail = progress.StoreProblem is null
            ? "The monitors are still being read: try again in a second."
            : "The store is away, so the monitors cannot be read: try again in some seconds.";
        throw new RefusedException(StatusCodes.Status503ServiceUnavailable, detail) { RetryAfter = progress.StoreProblem is null ? 1 : 5 };
    }
}
