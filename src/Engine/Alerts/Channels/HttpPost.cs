using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Alerts.Channels;

/// <summary>Posts JSON to an address that nobody may see.</summary>
internal sealed class HttpPost(IHttpClientFactory clients, TimeProvider time)
{
    /// <summary>The name of the client.</summary>
    public const string Client = "notifications";

    /// <summary>A receiver that asks for more is asked again after this.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    private const string NoUrl = "The channel's secret holds no http or https URL.";

    /// <summary>What is wrong with an address, a sentence without it; null where it is an http or https URL.</summary>
    public static string? Problem(string address) => Target(address) is null ? NoUrl : null;

    /// <summary>Posts once.</summary>
    public async Task<Attempt> SendAsync(string type, string address, Notification notification, JsonNode body, CancellationToken cancellationToken)
    {
        if (Target(address) is not { } target)
            return new(SendResult.Refused, type, NoUrl);
        using var request = new HttpRequestMessage(HttpMethod.Post, target);
        request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json", "utf-8"));
        request.Headers.Add("Idempotency-Key", notification.Id);
        try
        {
            using var answer = await clients.CreateClient(Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return Judge(type, answer);
        }
        catch (HttpRequestException e)
        {
            // The message of a failed connection names host and port; those are the address too.
            return new(SendResult.Failed, type, $"The receiver cannot be reached: {e.HttpRequestError}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(SendResult.Failed, type, "The receiver did not answer in time.");
        }
    }

    private static Uri? Target(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;

    private Attempt Judge(string type, HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode)
            return new(SendResult.Arrived, type, "");
        var passes = (int)answer.StatusCode >= 500
            || answer.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425;
        return new(passes ? SendResult.Failed : SendResult.Refused, type, $"The receiver answered {(int)answer.StatusCode}.", RetryAfter(answer));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var wait = answer.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait is { } asked ? TimeSpan.FromTicks(Math.Clamp(asked.Ticks, TimeSpan.TicksPerSecond, LongestRetryAfter.Ticks)) : null;
    }
}
