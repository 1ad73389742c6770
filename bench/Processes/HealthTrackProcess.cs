using System.Text.Json;
using System.Text.RegularExpressions;

namespace HealthTrack.Bench.Processes;

/// <summary>The real program, alone in a process: folder, engine, worker, SQLite store and dashboard.</summary>
internal sealed partial class HealthTrackProcess : IAsyncDisposable
{
    private readonly Child _process;
    private readonly HttpClient _client = new();
    private readonly string _data;
    private string _api = "";

    private HealthTrackProcess(Child process, string data) => (_process, _data) = (process, data);

    /// <summary>CPU seconds of the whole process.</summary>
    public double CpuSeconds => _process.CpuSeconds;

    /// <summary>Memory that the process has in the machine's, KiB.</summary>
    public double ResidentKiB => _process.ResidentKiB;

    /// <summary>Writes the monitors, starts the program, and waits until each monitor has a stored result.</summary>
    public static async Task<HealthTrackProcess> StartAsync(
        WorkFolder work, string name, int monitors, TimeSpan interval, string target, CancellationToken cancellationToken)
    {
        var fleet = BenchFleet.Make(work, name, monitors, interval, _ => target);
        var process = Start(fleet);
        try
        {
            await process.WaitUntilRunningAsync(cancellationToken);
            await process._process.WaitUntilAsync(
                "a result for each monitor", TimeSpan.FromSeconds(120), () => Task.FromResult(process.Stored() >= monitors), cancellationToken);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the program on a fleet, and waits for nothing.</summary>
    public static HealthTrackProcess Start(BenchFleet fleet) => new(
        Child.Start("healthtrack", "dotnet", Programs.HealthTrack(), "--monitors", fleet.Folder, "--data", fleet.Data, "--api-port", "0", "--dashboard-port", "0"), fleet.Data);

    /// <summary>Waits until its API listens.</summary>
    public async Task WaitUntilRunningAsync(CancellationToken cancellationToken)
    {
        await _process.WaitUntilAsync(
            "running", TimeSpan.FromSeconds(60), () => Task.FromResult(_process.Said(ApiLine()) is not null), cancellationToken);
        _api = _process.Said(ApiLine())!.Groups[1].Value;
    }

    /// <summary>Waits until every monitor has been taken in with its history, and the windows of the first page hold so many checks.</summary>
    public Task WaitUntilRebuiltAsync(int checks, TimeSpan limit, CancellationToken cancellationToken) =>
        _process.WaitUntilAsync("rebuilt", limit, () => HoldAsync(checks, cancellationToken), cancellationToken);

    private async Task<bool> HoldAsync(int checks, CancellationToken cancellationToken)
    {
        using var answer = await _client.GetAsync(new Uri($"{_api}/services?limit=1000"), cancellationToken);
        if (!answer.IsSuccessStatusCode)
            return false;
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return json.RootElement.EnumerateArray().All(row => row.GetProperty("checks_count").GetInt32() >= checks);
    }

    /// <summary>What it stored; open only as long as is needed.</summary>
    public StoredChecks OpenStore() => new(Path.Combine(_data, "healthtrack.db"));

    /// <summary>Results stored so far.</summary>
    public long Stored()
    {
        using var store = OpenStore();
        return store.Count();
    }

    /// <summary>The last sign of life of its worker; null before the first.</summary>
    public async Task<WorkerSign?> WorkerAsync(CancellationToken cancellationToken)
    {
        await using var body = await _client.GetStreamAsync(new Uri($"{_api}/workers"), cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return json.RootElement.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } row
            && row.GetProperty("last_heartbeat").ValueKind == JsonValueKind.String
            ? new WorkerSign(
                row.GetProperty("last_heartbeat").GetDateTimeOffset(),
                row.GetProperty("assigned").GetInt32(),
                row.GetProperty("missed").GetInt64(),
                row.GetProperty("lag_p99_ms").GetDouble())
            : null;
    }

    /// <summary>Takes the CPU from it.</summary>
    public void Pause() => _process.Pause();

    /// <summary>Gives it back; what was due meanwhile is missed.</summary>
    public void Resume() => _process.Resume();

    /// <summary>Ends it in order.</summary>
    public Task StopAsync() => _process.StopAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _client.Dispose();
    }

    [GeneratedRegex(@"^\s*API\s+(http://\S+)")]
    private static partial Regex ApiLine();
}

/// <summary>A worker's sign of life.</summary>
/// <param name="At">When, by the worker's clock.</param>
/// <param name="Assigned">Monitors that it checks.</param>
/// <param name="Missed">Due times that it did not run, since its start.</param>
/// <param name="LagP99Ms">99th percentile of the lateness of the scheduled checks since the sign before.</param>
internal sealed record WorkerSign(DateTimeOffset At, int Assigned, long Missed, double LagP99Ms);
