using System.Globalization;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Bench.Processes;

/// <summary>Monitors in a folder, and a data folder beside it that may hold their past.</summary>
internal sealed class BenchFleet
{
    private const int Batch = 10_000;

    private readonly List<string> _manifests = [];
    private readonly TimeSpan _interval;

    private BenchFleet(string folder, string data, TimeSpan interval) => (Folder, Data, _interval) = (folder, data, interval);

    /// <summary>The folder of manifests.</summary>
    public string Folder { get; }

    /// <summary>The data folder.</summary>
    public string Data { get; }

    /// <summary>Writes the manifests.</summary>
    /// <param name="work">Where.</param>
    /// <param name="name">Of the folders.</param>
    /// <param name="monitors">How many.</param>
    /// <param name="interval">Between checks.</param>
    /// <param name="target">The URL that the monitor of a number checks.</param>
    /// <param name="more">Further lines of each spec, indented by two blanks.</param>
    public static BenchFleet Make(WorkFolder work, string name, int monitors, TimeSpan interval, Func<int, string> target, string more = "")
    {
        var fleet = new BenchFleet(work.Make($"{name}-monitors"), work.Make($"{name}-data"), interval);
        for (var i = 0; i < monitors; i++)
        {
            var manifest = Manifest(i, interval, target(i), more);
            fleet._manifests.Add(manifest);
            File.WriteAllText(Path.Combine(fleet.Folder, $"bench-{i}.yaml"), manifest);
        }
        return fleet;
    }

    /// <summary>Fills the store with a past of each monitor, up to now, every check ok.</summary>
    /// <returns>How many checks each has.</returns>
    public async Task<int> SeedAsync(TimeSpan past, CancellationToken cancellationToken)
    {
        await using var store = ResultStores.Create($"sqlite:{Path.Combine(Data, "healthtrack.db")}", TimeProvider.System);
        await store.InitializeAsync(cancellationToken);
        var rows = _manifests.Select(Row).ToList();
        var ids = await store.SaveMonitorsAsync(rows, cancellationToken);
        var (interval, now) = ((long)_interval.TotalMilliseconds, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var checks = (int)(past.TotalMilliseconds / interval);
        var batch = new List<NewCheck>(Batch);
        for (var slot = 0; slot < checks; slot++)
        {
            for (var i = 0; i < rows.Count; i++)
            {
                var due = DueTimes.Next(DueTimes.Phase(rows[i].Uid, "default", interval), interval, now - ((checks - slot + 1) * interval));
                batch.Add(new NewCheck(ids[i], Check(rows[i].Uid, due, slot)));
                if (batch.Count < Batch && (slot < checks - 1 || i < rows.Count - 1))
                    continue;
                await store.AppendChecksAsync(batch, cancellationToken);
                batch.Clear();
            }
        }
        return checks;
    }

    private static StoredMonitor Row(string manifest)
    {
        var document = ManifestReader.Read(manifest, "bench.yaml").Single();
        var key = document.Key!.Value;
        return new StoredMonitor
        {
            Id = 0, Key = key, Uid = MonitorUid.For(key), Generation = 1, Manifest = document.Manifest, CountsFrom = 0, CountsFromGeneration = 1, DeletedAt = null,
        };
    }

    private static CheckResult Check(string uid, long due, int number) => new()
    {
        Uid = uid, Location = "default", Worker = "bench", Generation = 1, DueTime = due, StartedAt = due + 4, Kind = CheckKind.Scheduled, Outcome = Outcome.Ok,
        LatencyMicros = 20_000 + (number * 37 % 10_000), CountsInLatency = true, StatusCode = 200, Phases = new CheckPhases(0, 300, 0, 15_000, 100),
    };

    private static string Manifest(int number, TimeSpan interval, string target, string more) => string.Create(CultureInfo.InvariantCulture, $$"""
        apiVersion: sre.healthtrack.io/v1alpha1
        kind: ServiceMonitor
        metadata:
          name: bench-{{number}}
        spec:
          interval: {{interval.TotalSeconds}}s
          http:
            url: {{target}}
        {{more}}

        """);
}
