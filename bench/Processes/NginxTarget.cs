using System.Globalization;

namespace HealthTrack.Bench.Processes;

/// <summary>What is probed: an nginx of our own that answers 200 and two letters, and counts.</summary>
internal sealed class NginxTarget : IAsyncDisposable
{
    private readonly Child _process;
    private readonly HttpClient _client;
    private readonly string _status;

    private NginxTarget(Child process, HttpClient client, int port, int statusPort)
    {
        (_process, _client) = (process, client);
        Url = $"http://127.0.0.1:{port}/";
        _status = $"http://127.0.0.1:{statusPort}/";
    }

    /// <summary>What to probe. An address and no name: neither side pays for DNS.</summary>
    public string Url { get; }

    /// <summary>CPU seconds of the target.</summary>
    public double CpuSeconds => _process.CpuSeconds;

    /// <summary>Starts it.</summary>
    public static async Task<NginxTarget> StartAsync(WorkFolder work, CancellationToken cancellationToken)
    {
        var program = Programs.Find("nginx-light", "nginx");
        var folder = work.Make("nginx");
        var ports = Programs.FreePorts(2);
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, Configuration(ports[0], ports[1]), cancellationToken);
        var client = new HttpClient();
        client.DefaultRequestHeaders.ConnectionClose = true; // What is counted is then as many connections as requests.
        var target = new NginxTarget(
            Child.Start("nginx", program, "-p", folder, "-c", configuration, "-e", Path.Combine(folder, "error.log")), client, ports[0], ports[1]);
        try
        {
            await target._process.WaitUntilAsync(
                "answering", TimeSpan.FromSeconds(10), () => Programs.AnswersAsync(client, target._status, cancellationToken), cancellationToken);
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connections and requests since the start. As many of one as of the other: no connection was used twice.</summary>
    public async Task<(long Connections, long Requests)> CountsAsync(CancellationToken cancellationToken)
    {
        // Third line: " accepts handled requests ".
        var text = await _client.GetStringAsync(new Uri(_status), cancellationToken);
        var counts = text.Split('\n')[2].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (long.Parse(counts[0], CultureInfo.InvariantCulture), long.Parse(counts[2], CultureInfo.InvariantCulture));
    }

    /// <summary>Ends it: from then on connections are refused.</summary>
    public Task StopAsync() => _process.StopAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _client.Dispose();
    }

    // One process that stays in the foreground: its CPU is that of its id, and it ends with one signal. Keep-alive is left on, so that a
    // client that used a connection twice would be seen to.
    private static string Configuration(int port, int statusPort) => $$"""
        daemon off;
        master_process off;
        pid nginx.pid;
        events { worker_connections 8192; }
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          default_type text/plain;
          server { listen 127.0.0.1:{{port}} backlog=4096; location / { return 200 "ok"; } }
          server { listen 127.0.0.1:{{statusPort}}; location / { stub_status; } }
        }
        """;
}
