using System.Globalization;
using System.Text.RegularExpressions;

namespace HealthTrack.Bench.Processes;

/// <summary>The real operator in a process, with a worker in it and a SQLite store of its own, against a cluster.</summary>
internal sealed partial class OperatorProcess : IAsyncDisposable
{
    private readonly Child _process;
    private readonly HttpClient _client = new();
    private readonly string _store;
    private string _api = "";

    private OperatorProcess(Child process, string store) => (_process, _store) = (process, store);

    /// <summary>CPU seconds of the whole process.</summary>
    public double CpuSeconds => _process.CpuSeconds;

    /// <summary>Starts it, and waits until its API listens and it has seen what the cluster holds.</summary>
    public static async Task<OperatorProcess> StartAsync(WorkFolder work, string kubeconfig, CancellationToken cancellationToken)
    {
        var store = Path.Combine(work.Make("operator"), "healthtrack.db");
        var process = new OperatorProcess(
            Child.Start("healthtrack-operator", "dotnet", Programs.HealthTrackOperator(), "--kubeconfig", kubeconfig, "--storage", $"sqlite:{store}", "--api-port", "0"),
            store);
        try
        {
            await process._process.WaitUntilAsync(
                "running", TimeSpan.FromSeconds(60), () => Task.FromResult(process._process.Said(ApiLine()) is not null), cancellationToken);
            process._api = process._process.Said(ApiLine())!.Groups[1].Value;
            await process._process.WaitUntilAsync(
                "ready", TimeSpan.FromSeconds(60), () => Programs.AnswersAsync(process._client, $"{process._api}/readyz", cancellationToken), cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until something holds.</summary>
    /// <inheritdoc cref="Child.WaitUntilAsync"/>
    public Task WaitUntilAsync(string what, TimeSpan limit, Func<bool> holds, CancellationToken cancellationToken) =>
        _process.WaitUntilAsync(what, limit, () => Task.FromResult(holds()), cancellationToken);

    /// <summary>What it stored; open only as long as is needed.</summary>
    public StoredChecks OpenStore() => new(_store);

    /// <summary>Results stored so far.</summary>
    public long Stored()
    {
        using var store = OpenStore();
        return store.Count();
    }

    /// <summary>Patches of a status sent so far, those that failed included.</summary>
    public async Task<double> StatusWritesAsync(CancellationToken cancellationToken)
    {
        var text = await _client.GetStringAsync(new Uri($"{_api}/metrics"), cancellationToken);
        return StatusWrites().Matches(text).Sum(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _client.Dispose();
    }

    [GeneratedRegex(@"its API is at (http://\S+)")]
    private static partial Regex ApiLine();

    [GeneratedRegex(@"^healthtrack_status_writes_total\{[^}]*\} (\S+)", RegexOptions.Multiline)]
    private static partial Regex StatusWrites();
}
