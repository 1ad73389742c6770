using HealthTrack.Contracts.Api;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Api.Http;

/// <summary>
/// The one place where a failed request becomes problem details (RFC 9457): refusals with their sentence, a store or secrets that are away, defects (logged,
/// and told without internals), and what routing answers without a body.
/// </summary>
internal sealed class ProblemResponses(RequestDelegate next, ILogger<ProblemResponses> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told; the exception is that of the connection.
            Log.RequestAborted(log, e.Message);
            return;
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await AnswerAsync(context, e);
            return;
        }
        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            await WriteAsync(context, context.Response.StatusCode, Sentence(context));
    }

    /// <summary>Writes a problem.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string detail, IReadOnlyList<FieldProblem>? errors = null)
    {
        var problem = new ProblemDetails
        {
            Status = status,
            Title = ReasonPhrases.GetReasonPhrase(status),
            Detail = detail,
            Type = "about:blank",
        };
        if (errors is { Count: > 0 })
            problem.Extensions["errors"] = errors;
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(problem, ApiJson.Options, "application/problem+json", context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context, Exception exception)
    {
        // Allow and WWW-Authenticate stay: they are part of the answer.
        switch (exception)
        {
            case RefusedException refused:
                if (refused.RetryAfter is { } seconds)
                    context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                await WriteAsync(context, refused.Status, refused.Message, refused.Errors);
                break;
            case StoreUnavailableException:
                context.Response.Headers.RetryAfter = "5";
                await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The store is away: try again in some seconds.");
                break;
            case SecretUnavailableException unavailable:
                context.Response.Headers.RetryAfter = "5";
                await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, unavailable.Message);
                break;
            case BadHttpRequestException bad:
                await WriteAsync(context, bad.StatusCode, bad.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? "The body is larger than 1 MiB."
                    : "The request is malformed.");
                break;
            default:
                Log.RequestFailed(log, exception, context.Request.Method, context.Request.Path);
                await WriteAsync(context, StatusCodes.Status500InternalServerError, "A defect kept HealthTrack from answering; its log has the details.");
                break;
        }
    }

    private static string Sentence(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this path; /openapi/v1.json and /docs list what there is.",
        StatusCodes.Status405MethodNotAllowed =>
            $"This path does not take {context.Request.Method}, but {context.Response.Headers.Allow}.",
        StatusCodes.Status413PayloadTooLarge => "The body is larger than 1 MiB.",
        StatusCodes.Status415UnsupportedMediaType => "The body must be application/json or application/yaml.",
        _ => "The request cannot be answered.",
    };
}
