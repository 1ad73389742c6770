namespace HealthTrack.Bench.Processes;

/// <summary>The peer of the probe benches: Prometheus' blackbox_exporter, asked for one probe a request.</summary>
internal sealed class BlackboxExporter : IAsyncDisposable
{
    // Its own http_2xx, but for the addresses' family, which an address literal leaves no choice of.
    private const string Modules = """
        modules:
          http_2xx:
            prober: http
            timeout: 5s
            http:
              preferred_ip_protocol: ip4
        """;

    private readonly Child _process;
    private readonly HttpClient _client;
    private readonly string _root;

    private BlackboxExporter(Child process, HttpClient client, string root) => (_process, _client, _root) = (process, client, root);

    /// <summary>CPU seconds of the exporter.</summary>
    public double CpuSeconds => _process.CpuSeconds;

    /// <summary>Starts it.</summary>
    public static async Task<BlackboxExporter> StartAsync(WorkFolder work, CancellationToken cancellationToken)
    {
        var program = Programs.Find("prometheus-blackbox-exporter", "prometheus-blackbox-exporter", "blackbox_exporter");
        var modules = Path.Combine(work.Make("blackbox"), "blackbox.yml");
        await File.WriteAllTextAsync(modules, Modules, cancellationToken);
        var address = $"127.0.0.1:{Programs.FreePorts(1)[0]}";
        var exporter = new BlackboxExporter(
            Child.Start("blackbox_exporter", program, $"--config.file={modules}", $"--web.listen-address={address}"), new HttpClient(), $"http://{address}");
        try
        {
            await exporter._process.WaitUntilAsync(
                "answering", TimeSpan.FromSeconds(10), () => Programs.AnswersAsync(exporter._client, $"{exporter._root}/-/healthy", cancellationToken), cancellationToken);
            return exporter;
        }
        catch
        {
            await exporter.DisposeAsync();
            throw;
        }
    }

    /// <summary>One probe, asked for over a connection that is kept: only the probe's own is fresh.</summary>
    /// <returns>Whether the target answered 200.</returns>
    public async Task<bool> ProbeAsync(string target, CancellationToken cancellationToken)
    {
        var url = new Uri($"{_root}/probe?module=http_2xx&target={Uri.EscapeDataString(target)}");
        var text = await _client.GetStringAsync(url, cancellationToken);
        return text.Contains("\nprobe_success 1\n", StringComparison.Ordinal) && text.Contains("\nprobe_http_status_code 200\n", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _client.Dispose();
    }
}
