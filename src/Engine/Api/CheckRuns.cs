using HealthTrack.Contracts.Api;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Api;

/// <summary>Checks that people ask for.</summary>
internal sealed class CheckRuns(IServiceProvider provider, Fleet fleet, Dispatcher dispatcher, SecretResolver secrets, ServiceWrites writes) : IDisposable
{
    // More at once would be a load generator; those who wait longer than a moment are told to come again.
    private const int TriesAtOnce = 8;
    private static readonly MonitorKey Tried = new("default", "tried");

    private readonly SemaphoreSlim _tries = new(TriesAtOnce);

    /// <summary>Checks a service now, through one of its workers.</summary>
    public async Task<Ok<CheckRow>> RunAsync(long id, CancellationToken cancellationToken)
    {
        var state = fleet.Existing(id);
        if (state.Monitor is not { } monitor)
            throw new RefusedException(StatusCodes.Status409Conflict, $"{state.Key} has no valid spec that could be run: see its reason and message.");
        if (monitor.Spec.Suspend)
            throw new RefusedException(StatusCodes.Status409Conflict, $"{state.Key} is suspended: set spec.suspend to false first.");
        try
        {
            var check = await dispatcher.RunNowAsync(state, cancellationToken)
                ?? throw new RefusedException(
                    StatusCodes.Status503ServiceUnavailable,
                    $"No worker checks {state.Key} now: see GET /workers, and the service's Ready condition.") { RetryAfter = 2 };
            return TypedResults.Ok(CheckRows.Row(check.CheckId, id, check.Result));
        }
        catch (TimeoutException)
        {
            throw new RefusedException(StatusCodes.Status504GatewayTimeout, $"The worker did not answer in time; the result of {state.Key} may still come.");
        }
    }

    /// <summary>Runs a manifest once that nobody declared. Nothing of it is stored.</summary>
    public async Task<Ok<TriedCheck>> TryAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var runner = provider.GetService<ICheckRunner>()
            ?? throw new RefusedException(StatusCodes.Status503ServiceUnavailable, "This process runs no checks itself.");
        var request = await ManifestRequest.ReadAsync(
            context.Request, writes.DefaultNamespace, wholeOnly: false, Tried with { Namespace = writes.DefaultNamespace }, cancellationToken);
        await ApiCaller.Of(context).RequireAsync(request.Create(), cancellationToken);
        var declaration = MonitorDeclarations.From(request.Document, MonitorUid.For(request.Key), "the request");
        if (declaration.Monitor is not { } monitor)
        {
            throw ManifestRequest.Invalid(
                [.. declaration.NotSupported.Select(path => new FieldProblem(path, "is not checked by this version"))]);
        }
        var resolved = await secrets.ResolveAsync(monitor, cancellationToken);
        if (resolved.Problem is { } problem)
            throw new RefusedException(StatusCodes.Status422UnprocessableEntity, problem.Message);
        if (!await _tries.WaitAsync(TimeSpan.Zero, cancellationToken))
            throw new RefusedException(StatusCodes.Status429TooManyRequests, "Too many checks are being tried at once.") { RetryAfter = 1 };
        try
        {
            return TypedResults.Ok(CheckRows.Tried(await runner.RunAsync(Assignment.Of(monitor, monitor.Spec.Pools[0], resolved.Values), cancellationToken)));
        }
        finally
        {
            _tries.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _tries.Dispose();
}
