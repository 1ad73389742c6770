using System.Diagnostics;
using System.Globalization;
using HealthTrack.Bench.Measuring;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Tests.Storage;
using Npgsql;
using NpgsqlTypes;

namespace HealthTrack.Bench.Benches;

/// <summary>
/// Durable checks a second into Postgres, in batches as large as the pipeline's, beside one raw binary COPY into the same table: which gives no ids, knows no
/// duplicates and commits once. The server is real, with fsync, and shares the cores with its clients.
/// </summary>
internal sealed class IngestPgBench : IBench
{
    private const double RatioGoal = 0.25;
    private const int BatchSize = 5000;
    private const int Services = 1000;
    private const long Start = 1_790_000_000_000; // a UTC instant in the middle of a day

    private long _next;

    /// <inheritdoc/>
    public string Name => "ingest-pg";

    /// <inheritdoc/>
    public async Task<BenchReport> RunAsync(BenchRun run)
    {
        await using var server = await PostgresInstance.StartNewAsync(run.CancellationToken);
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = server.Port, Username = PostgresInstance.User, Password = PostgresInstance.Password, Database = "postgres",
        }.ConnectionString;
        await using var store = ResultStores.Create(settings, TimeProvider.System);
        await store.SaveMonitorsAsync([.. Enumerable.Range(1, Services).Select(Monitor)], run.CancellationToken);
        await using var raw = new NpgsqlConnection(settings);
        await raw.OpenAsync(run.CancellationToken);
        await using (var create = new NpgsqlCommand("create table raw_checks (like checks including all)", raw))
            await create.ExecuteNonQueryAsync(run.CancellationToken);

        var figures = await run.MeasureAsync(
            new Contestant("HealthTrack", cancellationToken => StoreAsync(store, run.RoundLength, cancellationToken)),
            new Contestant("raw COPY", cancellationToken => CopyAsync(raw, run.RoundLength, cancellationToken)));
        var (ours, peer) = (figures[0]["rows_per_s"], figures[1]["rows_per_s"]);
        return new BenchReport
        {
            Unit = "durable rows/s",
            Ours = ours,
            Peer = peer,
            Goal = RatioGoal,
            GoalIsRatio = true,
            HigherIsBetter = true,
            Extra = [("batch_ms", figures[0]["batch_ms"])],
            Table =
            [
                [$"batches of {BatchSize}, medians", "ours", "raw COPY", "ratio", "goal"],
                ["rows/s", Figures.Number(ours), Figures.Number(peer), Figures.Number(ours / peer), Figures.Number(RatioGoal)],
                ["ms a batch", Figures.Number(figures[0]["batch_ms"]), "-", "-", "-"],
            ],
        };
    }

    private async Task<Figures> StoreAsync(IResultStore store, TimeSpan length, CancellationToken cancellationToken)
    {
        var batches = 0;
        var clock = Stopwatch.StartNew();
        do
        {
            var ids = await store.AppendChecksAsync([.. Enumerable.Range(0, BatchSize).Select(_ => Next())], cancellationToken);
            if (ids.Contains(0))
                throw new InvalidOperationException("A check was taken for a duplicate.");
            batches++;
        }
        while (clock.Elapsed < length);
        return new Figures(("rows_per_s", batches * BatchSize / clock.Elapsed.TotalSeconds), ("batch_ms", clock.Elapsed.TotalMilliseconds / batches));
    }

    private async Task<Figures> CopyAsync(NpgsqlConnection connection, TimeSpan length, CancellationToken cancellationToken)
    {
        var rows = 0L;
        var clock = Stopwatch.StartNew();
        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy raw_checks (service_id, due, id, generation, latency_us, start_lag, dns_us, connect_us, tls_us, first_byte_us, download_us, "
            + "location_id, worker_id, status_code, kind, outcome, counts_in_latency, message) from stdin (format binary)",
            cancellationToken))
        {
            while (rows % BatchSize != 0 || clock.Elapsed < length)
            {
                var check = Next();
                var (phases, result) = (check.Result.Phases, check.Result);
                await copy.StartRowAsync(cancellationToken);
                foreach (var number in (ReadOnlySpan<long>)[check.ServiceId, result.DueTime, ++rows, result.Generation, result.LatencyMicros,
                    result.StartedAt - result.DueTime, phases.Dns, phases.Connect, phases.Tls, phases.FirstByte, phases.Download])
                {
                    copy.Write(number, NpgsqlDbType.Bigint);
                }

                copy.Write(1, NpgsqlDbType.Integer);
                copy.Write(2, NpgsqlDbType.Integer);
                copy.Write(200, NpgsqlDbType.Integer);
                copy.Write((short)0, NpgsqlDbType.Smallint);
                copy.Write((short)result.Outcome, NpgsqlDbType.Smallint);
                copy.Write(true, NpgsqlDbType.Boolean);
                if (result.Message is { } message)
                    copy.Write(message, NpgsqlDbType.Text);
                else
                    copy.WriteNull();
            }

            await copy.CompleteAsync(cancellationToken);
        }

        return new Figures(("rows_per_s", rows / clock.Elapsed.TotalSeconds), ("batch_ms", 0));
    }

    // Fleet-like: all services in turn, a few bad.
    private NewCheck Next()
    {
        var i = _next++;
        var bad = i % 50 == 0;
        return new NewCheck(1 + i % Services, new CheckResult
        {
            Uid = "",
            Location = "default",
            Worker = "in-process",
            Generation = 1,
            DueTime = Start + i / Services * 50,
            StartedAt = Start + i / Services * 50 + 1,
            Outcome = bad ? Outcome.Down : Outcome.Ok,
            LatencyMicros = 40_000 + i % 1000,
            CountsInLatency = !bad,
            StatusCode = bad ? null : 200,
            Message = bad ? "Connection refused" : null,
            Phases = new CheckPhases(1000, 9000, 20_000, 9000, 1000),
        });
    }

    private static StoredMonitor Monitor(int number)
    {
        var key = new MonitorKey("bench", string.Create(CultureInfo.InvariantCulture, $"m{number}"));
        return new StoredMonitor
        {
            Id = 0, Key = key, Uid = MonitorUid.For(key), Generation = 1, Manifest = "{}", CountsFrom = 0, CountsFromGeneration = 1, DeletedAt = null,
        };
    }
}
