using System.Text.Json;
using HealthTrack.Operator.Tests.Cluster;

namespace HealthTrack.EndToEnd.Tests.Observability;

/// <summary>A real Prometheus over a copy of config/prometheus, on a port that the system picks.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly ServerProcess _process;
    private readonly HttpClient _api;

    private PrometheusServer(ServerProcess process, Uri address)
    {
        _process = process;
        _api = new HttpClient { BaseAddress = address };
    }

    /// <summary>Starts one.</summary>
    /// <param name="folder">Empty, for this one alone.</param>
    /// <param name="change">What is different from prometheus.yml as it is.</param>
    public static async Task<PrometheusServer> StartAsync(string folder, Func<string, string> change)
    {
        Directory.CreateDirectory(Path.Combine(folder, "rules"));
        foreach (var rules in Repository.Files("config/prometheus/rules", "*.yaml"))
            File.Copy(rules, Path.Combine(folder, "rules", Path.GetFileName(rules)));
        var configuration = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, change(await File.ReadAllTextAsync(Repository.At("config/prometheus/prometheus.yml"))));
        var port = FreePort.Next();
        var log = Path.Combine(folder, "prometheus.log");
        var process = ServerProcess.Start(
            PrometheusTools.Prometheus, log,
            $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(folder, "data")}", $"--web.listen-address=127.0.0.1:{port}");
        var server = new PrometheusServer(process, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await Eventually.BeAsync(server.IsReadyAsync, "Prometheus is ready", 60);
            return server;
        }
        catch (TimeoutException late)
        {
            await server.DisposeAsync();
            throw new TimeoutException(await File.ReadAllTextAsync(log), late);
        }
    }

    /// <summary>What a query answers: one entry a series.</summary>
    /// <exception cref="InvalidOperationException">Prometheus refused it; the message says why.</exception>
    public async Task<IReadOnlyList<JsonElement>> QueryAsync(string query) =>
        [.. (await AskAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}")).GetProperty("result").EnumerateArray()];

    /// <summary>The same over the last minute, every 15 s.</summary>
    /// <inheritdoc cref="QueryAsync"/>
    public async Task<IReadOnlyList<JsonElement>> QueryRangeAsync(string query)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var data = await AskAsync($"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={now - 60}&end={now}&step=15");
        return [.. data.GetProperty("result").EnumerateArray()];
    }

    /// <summary>The values of a label, of the series that are matched where <paramref name="match"/> is given.</summary>
    public async Task<IReadOnlyList<string>> LabelValuesAsync(string label, string? match = null)
    {
        var data = await AskAsync($"/api/v1/label/{label}/values{(match is null ? "" : $"?match[]={Uri.EscapeDataString(match)}")}");
        return [.. data.EnumerateArray().Select(v => v.GetString()!)];
    }

    /// <summary>All rules that it has loaded.</summary>
    public async Task<IReadOnlyList<JsonElement>> RulesAsync() =>
        [.. (await AskAsync("/api/v1/rules")).GetProperty("groups").EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray())];

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<JsonElement> AskAsync(string path)
    {
        using var answer = await _api.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var body = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        if (body.GetProperty("status").GetString() != "success")
            throw new InvalidOperationException($"{path}: {body.GetProperty("error").GetString()}");
        return body.GetProperty("data");
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process.HasExited)
            throw new TimeoutException("Prometheus ended.");
        try
        {
            using var answer = await _api.GetAsync(new Uri("/-/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // Not listening yet.
        }
    }
}
