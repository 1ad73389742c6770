using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using HealthTrack.Bench.Measuring;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.Bench.Processes;

/// <summary>A bench's ServiceMonitors in a cluster: makes them as fast as the API server takes them, and sees through a watch what their status says, and when.</summary>
internal sealed class ClusterMonitors : IAsyncDisposable
{
    private const string Resources = "/apis/sre.healthtrack.io/v1alpha1/namespaces/default/servicemonitors";
    private const int Clients = 32; // Requests under way at once.

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop;
    private readonly Task _watching;
    private string _version = "";
    private readonly ConcurrentDictionary<(string Name, Stage Stage), long> _seen = new();

    private ClusterMonitors(HttpClient client, HttpResponseMessage watch, CancellationToken cancellationToken)
    {
        _client = client;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _watching = FollowAsync(watch, _stop.Token);
    }

    /// <summary>Watches a cluster that has none yet.</summary>
    public static async Task<ClusterMonitors> WatchAsync(ApiServerInstance server, CancellationToken cancellationToken) =>
        new(server.Admin, await OpenAsync(server.Admin, cancellationToken), cancellationToken);

    /// <summary>How many have come to a stage.</summary>
    /// <exception cref="CannotRunException">The watch is at its end.</exception>
    public int Count(Stage stage) => _watching.IsCompleted
        ? throw new CannotRunException($"The watch of the monitors ended: {_watching.Exception?.GetBaseException().Message ?? "the bench is stopped"}")
        : _seen.Keys.Count(k => k.Stage == stage);

    /// <summary>When the last of them first came to a stage, ms since the Unix epoch.</summary>
    public long LastAt(Stage stage) => _seen.Where(s => s.Key.Stage == stage).Max(s => s.Value);

    /// <summary>When each of them first came to a stage, ms since the Unix epoch.</summary>
    public IReadOnlyDictionary<string, long> At(Stage stage) => _seen.Where(s => s.Key.Stage == stage).ToDictionary(s => s.Key.Name, s => s.Value);

    /// <summary>Makes them; returns when the API server has taken them all.</summary>
    /// <param name="count">How many.</param>
    /// <param name="interval">Between their checks.</param>
    /// <param name="target">The URL that the monitor of a number checks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task CreateAsync(int count, TimeSpan interval, Func<int, string> target, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancellationToken },
            async (number, stop) =>
            {
                using var body = new StringContent(Manifest(number, interval, target(number)), Encoding.UTF8, "application/json");
                using var answer = await _client.PostAsync(new Uri(Resources, UriKind.Relative), body, stop);
                if (answer.StatusCode != HttpStatusCode.Created)
                    throw new CannotRunException($"The API server refused a ServiceMonitor: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(stop)}");
            });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    // Without a version it begins with all that exists.
    private static async Task<HttpResponseMessage> OpenAsync(HttpClient client, CancellationToken cancellationToken, string version = "")
    {
        var watch = await client.GetAsync(
            new Uri($"{Resources}?watch=true&timeoutSeconds=3600&resourceVersion={version}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        watch.EnsureSuccessStatusCode();
        return watch;
    }

    // The API server closes the watches of a definition that is new, once more after it is established, and each that does not follow fast enough, which on a
    // busy machine is one a second. What was seen is not asked for again: a thousand resources each time would be the greater part of what is measured.
    private async Task FollowAsync(HttpResponseMessage watch, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using (watch)
                {
                    using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(cancellationToken));
                    while (await lines.ReadLineAsync(cancellationToken) is { } line)
                        Read(line);
                }
                watch = await OpenAsync(_client, cancellationToken, _version);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The bench is at its end.
        }
    }

    private void Read(string line)
    {
        var now = BenchRun.Now();
        using var json = JsonDocument.Parse(line);
        var resource = json.RootElement.GetProperty("object");
        if (json.RootElement.GetProperty("type").GetString() == "ERROR")
            throw new CannotRunException($"The watch of the monitors broke: {line}");
        _version = resource.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        if (!resource.TryGetProperty("status", out var status))
            return;
        var name = resource.GetProperty("metadata").GetProperty("name").GetString()!;
        if (status.TryGetProperty("observedGeneration", out var _))
            _seen.TryAdd((name, Stage.Accepted), now);
        if (status.TryGetProperty("lastCheck", out var last) && last.ValueKind == JsonValueKind.Object)
            _seen.TryAdd((name, Stage.FirstResult), now);
        if (status.TryGetProperty("health", out var health) && health.GetString() == "Unhealthy")
            _seen.TryAdd((name, Stage.Unhealthy), now);
    }

    // The first bad check turns it.
    private static string Manifest(int number, TimeSpan interval, string target) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"bench-{{number}}"},
        "spec":{"interval":"{{interval.TotalSeconds}}s","failureThreshold":1,"http":{"url":"{{target}}"} } }
        """);
}

/// <summary>What a status has said at least once.</summary>
internal enum Stage
{
    /// <summary>The operator has seen this form of the spec.</summary>
    Accepted,

    /// <summary>A check was made.</summary>
    FirstResult,

    /// <summary>The health was Unhealthy.</summary>
    Unhealthy,
}
