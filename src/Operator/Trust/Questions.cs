using System.Net;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Trust;

/// <summary>Nobody can say now who somebody is, or what they may do.</summary>
/// <param name="message">Why, one sentence.</param>
/// <param name="inner">What went wrong.</param>
internal sealed class ReviewUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>Asks the API server about people: posts a review and reads its status. Few at once, so that strangers cannot make it a flood.</summary>
internal sealed class Questions(KubernetesApi api, string resource, string path) : IDisposable
{
    private const int AtOnce = 16;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _places = new(AtOnce);

    /// <summary>Asks.</summary>
    /// <returns>The status; null where the API server takes the question for no question.</returns>
    /// <exception cref="ReviewUnavailableException">No answer came within five seconds, or this operator may not ask.</exception>
    public async Task<JsonObject?> AskAsync(JsonObject review)
    {
        using var limit = new CancellationTokenSource(Limit);
        var waiting = true;
        try
        {
            await _places.WaitAsync(limit.Token);
            waiting = false;
            var answer = await api.ReadAsync(HttpMethod.Post, path, review.ToJsonString(), KubernetesApi.Json, limit.Token);
            return JsonNode.Parse(answer)?["status"] as JsonObject;
        }
        catch (KubernetesApiException e) when (e.Status is HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)
        {
            return null;
        }
        catch (KubernetesApiException e) when (e.Status is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized)
        {
            throw new ReviewUnavailableException($"The API server does not let HealthTrack create {resource}: apply config/rbac.", e);
        }
        catch (Exception e) when (e is KubernetesApiException or OperationCanceledException or System.Text.Json.JsonException)
        {
            throw new ReviewUnavailableException("The Kubernetes API server cannot be asked who may do this: try again in some seconds.", e);
        }
        finally
        {
            if (!waiting)
                _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();
}
