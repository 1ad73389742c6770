using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using HealthTrack.Contracts.Api;

namespace HealthTrack.EndToEnd.Tests;

/// <summary>The program itself, in a process of its own as a user starts it, on ports that the system picks.</summary>
internal sealed class HealthTrackProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource _dashboardSaid = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _apiSaid = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HealthTrackProcess(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramPath(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The dashboard's address, without a trailing slash.</summary>
    public string Dashboard { get; private set; } = "";

    /// <summary>The API.</summary>
    public HttpClient Api { get; } = new();

    /// <summary>Everything that it printed.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts it and waits until it says where it listens.</summary>
    public static async Task<HealthTrackProcess> StartAsync(params string[] arguments)
    {
        var process = new HealthTrackProcess([.. arguments, "--api-port", "0", "--dashboard-port", "0"]);
        var ready = Task.WhenAll(process._dashboardSaid.Task, process._apiSaid.Task);
        var exited = process._process.WaitForExitAsync();
        if (await Task.WhenAny(ready, exited, Task.Delay(StartLimit, TimeProvider.System, CancellationToken.None)) != ready)
        {
            await process.DisposeAsync();
            Assert.Fail($"HealthTrack did not start:\n{process.Output}");
        }
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramPath(), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(StartLimit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    /// <summary>Ends it as a power cut would: kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>A service's row by name; null where there is none, or the process is still reading what is declared (503).</summary>
    public async Task<ServiceRow?> FindAsync(string name)
    {
        using var answer = await Api.GetAsync("/services", TestContext.Current.CancellationToken);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            return null;
        answer.EnsureSuccessStatusCode();
        var rows = await answer.Content.ReadFromJsonAsync<ServiceRow[]>(ApiJson.Options, TestContext.Current.CancellationToken);
        return rows!.SingleOrDefault(r => r.Name == name);
    }

    /// <summary>Waits until a service's row is as asked for.</summary>
    public Task<ServiceRow> WaitForAsync(string name, Func<ServiceRow, bool> condition, int seconds = 30) =>
        Eventually.GetAsync(async () => await FindAsync(name) is { } row && condition(row) ? row : null, $"{name} as asked for", seconds);

    /// <summary>A service's checks, newest first.</summary>
    public async Task<CheckRow[]> ChecksAsync(long id, int limit = 1000) =>
        (await Api.GetFromJsonAsync<CheckRow[]>($"/services/{id}/checks?limit={limit}", ApiJson.Options, TestContext.Current.CancellationToken))!;

    /// <summary>The summary as it is on the wire.</summary>
    public async Task<JsonElement> SummaryAsync(long id) =>
        await Api.GetFromJsonAsync<JsonElement>($"/services/{id}/metrics-summary", TestContext.Current.CancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        Api.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (Address("Dashboard").Match(line) is { Success: true } dashboard)
        {
            Dashboard = dashboard.Groups[1].Value;
            _dashboardSaid.TrySetResult();
        }
        if (Address("API").Match(line) is { Success: true } api)
        {
            Api.BaseAddress = new Uri(api.Groups[1].Value);
            _apiSaid.TrySetResult();
        }
    }

    private static Regex Address(string name) => new($@"^\s*{name}\s+(http://\S+)");

    // The build output of src/Standalone, in the configuration that the tests were built in.
    private static string ProgramPath()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = here.Parent!.Name;
        var root = here;
        while (!File.Exists(Path.Combine(root.FullName, "HealthTrack.slnx")))
            root = root.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        return Path.Combine(root.FullName, "src", "Standalone", "bin", configuration, "net10.0", "healthtrack.dll");
    }
}

/// <summary>Waits for what will be.</summary>
internal static class Eventually
{
    /// <summary>Asks until there is an answer.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> ask, string what, int seconds = 30)
        where T : class
    {
        var waiting = Stopwatch.StartNew();
        while (waiting.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            if (await ask() is { } answer)
                return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        throw new TimeoutException($"Not seen within {seconds} s: {what}");
    }

    /// <summary>Asks until it is so.</summary>
    public static Task BeAsync(Func<Task<bool>> ask, string what, int seconds = 30) =>
        GetAsync(async () => await ask() ? "yes" : null, what, seconds);
}
