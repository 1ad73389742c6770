using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>
/// HealthTrack's API as the dashboard uses it. Reads and writes of services answer with a problem instead of throwing; what the stream needs throws
/// <see cref="HttpRequestException"/>.
/// </summary>
internal sealed class HealthTrackClient(HttpClient http)
{
    // Reads and writes of single services; the stream has no time limit and watches itself.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(15);

    /// <summary>The API's base URL, ending in a slash.</summary>
    public Uri Api => http.BaseAddress!;

    /// <summary>One service with its settings.</summary>
    public Task<ApiAnswer<ServiceDetail>> ServiceAsync(long id, CancellationToken stop) => ReadAsync<ServiceDetail>(Path($"services/{id}"), stop);

    /// <summary>A service's past in buckets of <paramref name="step"/>, which ends now.</summary>
    public Task<ApiAnswer<HistoryReport>> HistoryAsync(long id, DateTimeOffset from, TimeSpan step, CancellationToken stop) =>
        ReadAsync<HistoryReport>(Path($"services/{id}/history?from={from.ToUnixTimeMilliseconds()}&step={(long)step.TotalSeconds}"), stop);

    /// <summary>A page of a service's checks, newest first.</summary>
    /// <param name="id">The service.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="after">What <see cref="ApiAnswer{T}.Next"/> of the page before said; null: the first page.</param>
    /// <param name="stop">Gives up.</param>
    public Task<ApiAnswer<List<CheckRow>>> ChecksAsync(long id, int limit, string? after, CancellationToken stop) =>
        ReadAsync<List<CheckRow>>(Path($"services/{id}/checks?limit={limit}") + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)), stop);

    /// <summary>The alerts of a service that go on.</summary>
    public Task<ApiAnswer<List<AlertRow>>> OpenAlertsAsync(long id, CancellationToken stop) =>
        ReadAsync<List<AlertRow>>(Path($"alerts?state=open&service={id}&limit=20"), stop);

    /// <summary>The newest incidents of a service.</summary>
    public Task<ApiAnswer<List<IncidentRow>>> IncidentsAsync(long id, CancellationToken stop) =>
        ReadAsync<List<IncidentRow>>(Path($"services/{id}/incidents?limit=10"), stop);

    /// <summary>How the process that leads is.</summary>
    public Task<ApiAnswer<HealthReport>> ReadyAsync(CancellationToken stop) => ReadAsync<HealthReport>("readyz", stop);

    /// <summary>Says that somebody looks after an alert.</summary>
    /// <returns>Null once the API took it; else why it did not.</returns>
    public Task<ApiProblem?> AcknowledgeAsync(string alert, CancellationToken stop) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Post, $"alerts/{Uri.EscapeDataString(alert)}/acknowledge"), null, stop);

    /// <summary>Creates a service.</summary>
    /// <returns>The new row where the API sent one, which the stream brings anyway; or why it was refused.</returns>
    public async Task<(ServiceRow? Row, ApiProblem? Problem)> CreateAsync(NewService service, CancellationToken stop)
    {
        ServiceRow? row = null;
        var problem = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, "services") { Content = JsonContent.Create(service, options: ApiJson.Options) },
            async (response, token) => row = await BoundedJson.ReadAsync<ServiceRow>(response.Content, token),
            stop);
        return (row, problem);
    }

    /// <summary>Deletes a service.</summary>
    /// <returns>Null once this request deleted it; else why it did not. One that is not there may have been deleted by another, or come back.</returns>
    public async Task<ApiProblem?> DeleteAsync(long id, CancellationToken stop)
    {
        var problem = await SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, Path($"services/{id}")), null, stop);
        return problem?.Status == HttpStatusCode.NotFound
            ? problem with { Message = $"Nothing was deleted: the service is gone already, or it is declared elsewhere. {problem.Message}" }
            : problem;
    }

    /// <summary>Has a service checked now.</summary>
    /// <returns>Null once the API took it; else why it did not.</returns>
    public Task<ApiProblem?> RunAsync(long id, CancellationToken stop) =>
        SendAsync(() => new HttpRequestMessage(HttpMethod.Post, Path($"services/{id}/run")), null, stop);

    /// <summary>Whether the API answers at all, within five seconds.</summary>
    /// <exception cref="HttpRequestException">It does not.</exception>
    public async Task PingAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var response = await http.GetAsync(new Uri(http.BaseAddress!, "healthz"), limit.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException("no answer within 5 s");
        }
    }

    /// <summary>Opens the stream of events; returns with its headers. The caller disposes the answer.</summary>
    /// <param name="lastEventId">The last event that was read: it goes on after it where the API still can; null: it begins with all services.</param>
    /// <param name="stop">Ends the attempt; the stream itself ends when it is disposed.</param>
    /// <exception cref="HttpRequestException">The API does not answer, or not with a stream.</exception>
    public async Task<HttpResponseMessage> OpenStreamAsync(string? lastEventId, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "stream");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (!string.IsNullOrEmpty(lastEventId))
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        using var limit = Limited(stop);
        try
        {
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "text/event-stream")
                return response;
            var found = $"{(int)response.StatusCode} {response.Content.Headers.ContentType?.MediaType}";
            response.Dispose();
            throw new HttpRequestException($"{Api}stream answered {found}, not a stream of events");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException($"{Api}stream did not answer in time");
        }
    }

    private async Task<ApiAnswer<T>> ReadAsync<T>(string path, CancellationToken stop)
        where T : class
    {
        T? value = null;
        string? next = null;
        var problem = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path),
            async (response, token) =>
            {
                value = await BoundedJson.ReadAsync<T>(response.Content, token, BoundedJson.List);
                next = response.Headers.TryGetValues("Link", out var links) ? ApiAnswer.After(links) : null;
            },
            stop);
        return new ApiAnswer<T>(value, problem ?? (value is null ? new ApiProblem(null, $"What the API answered to {path} cannot be read.", []) : null), next);
    }

    private async Task<ApiProblem?> SendAsync(
        Func<HttpRequestMessage> request, Func<HttpResponseMessage, CancellationToken, Task>? read, CancellationToken stop)
    {
        using var limit = Limited(stop);
        try
        {
            using var message = request();
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (!response.IsSuccessStatusCode)
                return await ApiProblem.ReadAsync(response, limit.Token);
            if (read is not null)
                await read(response, limit.Token);
            return null;
        }
        catch (NoLeaderException)
        {
            return new ApiProblem(null, NoLeaderException.Sentence, []);
        }
        catch (HttpRequestException)
        {
            return ApiProblem.Away(Api);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return ApiProblem.Away(Api);
        }
    }

    private static CancellationTokenSource Limited(CancellationToken stop)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeLimit);
        return limit;
    }

    private static string Path(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);
}
