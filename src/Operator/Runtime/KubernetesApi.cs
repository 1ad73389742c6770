using System.Net.Http.Headers;
using System.Text;
using k8s;

namespace HealthTrack.Operator.Runtime;

/// <summary>
/// Requests to the API server over KubernetesClient's own HttpClient and credentials: one place where a time limit, a refusal and a shutdown are told
/// apart. HTTP/1.1, so that one dead connection takes down no more than one request. Thread-safe.
/// </summary>
internal sealed class KubernetesApi : IDisposable
{
    /// <summary>JSON, as it is.</summary>
    public const string Json = "application/json";

    /// <summary>RFC 7386.</summary>
    public const string MergePatch = "application/merge-patch+json";

    /// <summary>Server-side apply; JSON is YAML too.</summary>
    public const string Apply = "application/apply-patch+yaml";

    /// <summary>How long a request may take that asks for no more than an answer.</summary>
    public static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(30);

    private readonly Kubernetes _kubernetes;
    private readonly RestClientMetrics _metrics;
    private readonly string _host;

    /// <param name="configuration">Where the API server is and who we are.</param>
    /// <param name="metrics">Counts the requests.</param>
    public KubernetesApi(KubernetesClientConfiguration configuration, RestClientMetrics metrics)
    {
        // A watch lasts as long as it lasts: the limits here are each request's own.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        _kubernetes = new Kubernetes(configuration);
        _metrics = metrics;
        _host = _kubernetes.BaseUri.Authority;
    }

    /// <summary>Sends, and waits for the head of the answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="body">JSON; null for none.</param>
    /// <param name="contentType">Of the body.</param>
    /// <param name="limit">How long the head may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A success, whose body is still to be read; disposed by the caller.</returns>
    /// <exception cref="KubernetesApiException">Any other answer, or none.</exception>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body, string contentType, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_kubernetes.BaseUri, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(Json));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            if (_kubernetes.Credentials is { } credentials)
                await credentials.ProcessHttpRequestAsync(request, limited.Token);
            var response = await _kubernetes.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited.Token);
            _metrics.Answered(_host, method.Method, (int)response.StatusCode);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw await KubernetesApiException.FromAsync(response, limited.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            _metrics.Failed(_host, method.Method);
            throw new KubernetesApiException($"{_kubernetes.BaseUri.Authority} did not answer within {limit.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            _metrics.Failed(_host, method.Method);
            throw new KubernetesApiException($"{_kubernetes.BaseUri.Authority} cannot be reached: {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>Sends, and reads the whole answer.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public async Task<string> ReadAsync(HttpMethod method, string path, string? body, string contentType, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(method, path, body, contentType, RequestLimit, cancellationToken);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(RequestLimit);
        try
        {
            return await response.Content.ReadAsStringAsync(limited.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesApiException($"the answer of {_host} did not end within {RequestLimit.TotalSeconds:0} s", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new KubernetesApiException($"the answer of {_host} broke off: {e.GetBaseException().Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _kubernetes.Dispose();
}
