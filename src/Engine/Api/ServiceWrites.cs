using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Rows;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Api;

/// <summary>Changes what is declared, through the host's writer, and answers once the change is in force.</summary>
internal sealed class ServiceWrites(IServiceProvider provider, Fleet fleet, ChangeFeed feed, TimeProvider time)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Where a monitor goes that names no namespace.</summary>
    public string DefaultNamespace => provider.GetService<IMonitorWriter>()?.DefaultNamespace ?? "default";

    /// <summary>Declares a new service.</summary>
    public async Task<Created<ServiceRow>> CreateAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var writer = Writer();
        var manifest = await ManifestRequest.ReadAsync(context.Request, writer.DefaultNamespace, wholeOnly: false, named: null, cancellationToken);
        await ApiCaller.Of(context).RequireAsync(manifest.Create(), cancellationToken);
        if (fleet.TryGet(manifest.Key, out _))
            throw new RefusedException(StatusCodes.Status409Conflict, $"A service {manifest.Key} exists already: choose another name.");
        await WriteAsync(() => writer.CreateAsync(manifest.Key, manifest.Document.Manifest, cancellationToken));
        await UntilAsync(
            () => fleet.TryGet(manifest.Key, out _), $"{manifest.Key} is declared but not in force yet: GET /services shows it soon.", cancellationToken);
        var row = Row(manifest.Key);
        return TypedResults.Created(string.Create(CultureInfo.InvariantCulture, $"/services/{row.Id}"), row);
    }

    /// <summary>Replaces the manifest of a service.</summary>
    public async Task<Ok<ServiceRow>> ReplaceAsync(long id, HttpContext context, CancellationToken cancellationToken)
    {
        var writer = Writer();
        var key = fleet.Existing(id).Key;
        var manifest = await ManifestRequest.ReadAsync(context.Request, key.Namespace, wholeOnly: true, named: null, cancellationToken);
        if (manifest.Key != key)
        {
            throw ManifestRequest.Invalid([manifest.Key.Name != key.Name
                ? new FieldProblem("metadata.name", $"must be {key.Name}: a service of another name is another service")
                : new FieldProblem("metadata.namespace", $"must be {key.Namespace}: a service of another namespace is another service")]);
        }
        await ApiCaller.Of(context).RequireAsync(new ApiAction("update", key.Namespace, key.Name) { Secrets = manifest.Secrets }, cancellationToken);
        await WriteAsync(() => writer.UpdateAsync(key, manifest.Document.Manifest, cancellationToken));
        await UntilAsync(
            () => fleet.TryGet(key, out var state) && state.Snapshot(Now()).Declaration.Manifest == manifest.Document.Manifest,
            $"{key} is replaced but not in force yet: GET /services/{id} shows it soon.",
            cancellationToken);
        return TypedResults.Ok(Row(key));
    }

    /// <summary>Takes a service's declaration back.</summary>
    public async Task<Ok<Deleted>> DeleteAsync(long id, CancellationToken cancellationToken)
    {
        var writer = Writer();
        var key = fleet.Existing(id).Key;
        await WriteAsync(() => writer.DeleteAsync(key, cancellationToken));
        await UntilAsync(() => !fleet.TryGet(key, out _), $"{key} is deleted but still in force: it goes soon.", cancellationToken);
        return TypedResults.Ok(new Deleted(true));
    }

    private IMonitorWriter Writer() => provider.GetService<IMonitorWriter>()
        ?? throw new RefusedException(StatusCodes.Status403Forbidden, "Services are declared elsewhere: this HealthTrack has no place to write them to.");

    private static async Task WriteAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (MonitorWriteException e)
        {
            throw new RefusedException(
                e.Problem switch
                {
                    MonitorWriteProblem.NotFound => StatusCodes.Status404NotFound,
                    MonitorWriteProblem.Forbidden => StatusCodes.Status403Forbidden,
                    MonitorWriteProblem.Unavailable => StatusCodes.Status503ServiceUnavailable,
                    _ => StatusCodes.Status409Conflict,
                },
                e.Message);
        }
    }

    // The writer has written; the source says so when it has seen it. What is said in time may still be lost on the way: hence the deadline.
    private async Task UntilAsync(Func<bool> inForce, string otherwise, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var seen = feed.Last;
            if (inForce())
                return;
            var left = Deadline - time.GetElapsedTime(started);
            try
            {
                if (left <= TimeSpan.Zero)
                    throw new TimeoutException();
                await feed.WaitAsync(seen, cancellationToken).WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw new RefusedException(StatusCodes.Status504GatewayTimeout, otherwise);
            }
        }
    }

    private ServiceRow Row(MonitorKey key) => fleet.TryGet(key, out var state)
        ? ServiceRows.Row(state.Snapshot(Now()))
        : throw new RefusedException(StatusCodes.Status404NotFound, $"{key} was deleted again meanwhile.");

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
