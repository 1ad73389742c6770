using HealthTrack.Engine.Alerts.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Deadman;

/// <summary>
/// Calls the dead man's switch each minute while all is well. When the calls stop, for whatever reason, whoever waits for them raises the alarm: of what kills HealthTrack,
/// HealthTrack cannot tell anybody.
/// </summary>
internal sealed class DeadmanStage(
    DeadmanUrl url, PipelineWatch pipeline, IHttpClientFactory clients, DeadmanMetrics metrics, TimeProvider time, ILogger<DeadmanStage> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var last = time.GetTimestamp();
        while (true)
        {
            if (pipeline.Problem() is { } problem)
            {
                // A call that is only late, as at the start, is no news.
                if (time.GetElapsedTime(last) >= 2 * Period && metrics.Withheld(problem))
                    Log.Withheld(log, problem);
                await Task.Delay(LookAgain, time, stoppingToken);
                continue;
            }
            last = time.GetTimestamp();
            Say(await CallAsync(stoppingToken));
            var rest = Period - time.GetElapsedTime(last);
            if (rest > TimeSpan.Zero)
                await Task.Delay(rest, time, stoppingToken);
        }
    }

    private void Say(string? problem)
    {
        var before = metrics.Problem;
        if (!metrics.Called(problem))
            return;
        if (problem is not null)
            Log.Failed(log, problem);
        else if (before is not null)
            Log.Back(log);
    }

    // Null where it arrived. What is said names the host alone: the rest of the URL may be a token, and what a client says has all of it.
    private async Task<string?> CallAsync(CancellationToken cancellationToken)
    {
        Uri target;
        try
        {
            target = url.Read();
        }
        catch (FormatException e)
        {
            return e.Message;
        }
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.UserAgent.ParseAdd("HealthTrack");
        try
        {
            using var answer = await clients.CreateClient(HttpPost.Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return answer.IsSuccessStatusCode ? null : $"{target.Host} answered {(int)answer.StatusCode}.";
        }
        catch (HttpRequestException e)
        {
            return $"{target.Host} cannot be reached: {e.HttpRequestError}.";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{target.Host} did not answer in time.";
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Such as a proxy of a kind that the client does not know. It must not stop the rest of HealthTrack.
            return $"{target.Host} cannot be called: {e.GetType().Name}.";
        }
    }
}
