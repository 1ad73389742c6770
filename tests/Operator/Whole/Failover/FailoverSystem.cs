using System.Globalization;
using System.Net;
using System.Text;
using HealthTrack.Core.Checks;
using HealthTrack.Engine.Tests.Storage;
using HealthTrack.Operator.Tests.Cluster;
using Npgsql;

namespace HealthTrack.Operator.Tests.Whole.Failover;

/// <summary>Where the programs are.</summary>
/// <param name="Operator">The operator's assembly.</param>
/// <param name="Probe">The worker's assembly.</param>
internal sealed record FailoverPrograms(string Operator, string Probe);

/// <summary>
/// Two operators and three workers, each a process of its own that is started again when it ends, over a real API server and a real Postgres: everything that can
/// be killed on one machine.
/// </summary>
internal sealed class FailoverSystem : IAsyncDisposable
{
    /// <summary>The pool of all workers.</summary>
    public const string Pool = "default";

    private const int Operators = 2;
    private const int Workers = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("healthtrack-failover-").FullName;
    private readonly HttpClient _api = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly Dictionary<string, SupervisedProcess> _operators = [];
    private readonly List<(string Name, SupervisedProcess Process)> _workers = [];
    private readonly ApiServerInstance _server = new();
    private PostgresInstance? _postgres;

    /// <summary>The API server.</summary>
    public ApiServerInstance Cluster => _server;

    /// <summary>The store.</summary>
    public PostgresInstance Postgres => _postgres!;

    /// <summary>Those who lead or would.</summary>
    public IReadOnlyCollection<SupervisedProcess> AllOperators => _operators.Values;

    private string Store => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1", Port = Postgres.Port, Username = PostgresInstance.User, Password = PostgresInstance.Password, Database = "postgres", Timeout = 2,
    }.ConnectionString;

    /// <summary>Starts all of it; nothing is declared yet.</summary>
    public async Task StartAsync(FailoverPrograms programs, CancellationToken cancellationToken)
    {
        _postgres = await PostgresInstance.StartNewAsync(cancellationToken);
        await _server.StartAsync(cancellationToken);
        var kubeconfig = _server.Kubeconfig(await _server.OperatorTokenAsync(cancellationToken));
        var token = Path.Combine(_folder, "link-token");
        await File.WriteAllTextAsync(token, Convert.ToHexString(Guid.NewGuid().ToByteArray()), cancellationToken);
        var ports = FreePorts(2 * Operators);
        for (var i = 0; i < Operators; i++)
        {
            var (api, link, name) = (ports[2 * i], ports[(2 * i) + 1], $"operator-{i}");
            _operators[$"http://127.0.0.1:{api}"] = SupervisedProcess.Start(
                Path.Combine(_folder, $"{name}.log"),
                _ =>
                [
                    programs.Operator, "--kubeconfig", kubeconfig, "--storage", Store, "--worker", "none", "--api-port", Text(api), "--link-port", Text(link),
                    "--link-token-file", token, "--lease-namespace", "healthtrack",
                ]);
        }
        var links = string.Join(',', Enumerable.Range(0, Operators).Select(i => $"http://127.0.0.1:{ports[(2 * i) + 1]}"));
        for (var i = 0; i < Workers; i++)
        {
            var name = $"worker-{i}";
            // A pod that takes another's place has a name and a spool of its own.
            _workers.Add((name, SupervisedProcess.Start(
                Path.Combine(_folder, $"{name}.log"),
                start =>
                [
                    programs.Probe, "--operator", links, "--pool", Pool, "--token-file", token, "--admin-port", "0", "--worker-id", $"{name}-{start}",
                    "--spool", Directory.CreateDirectory(Path.Combine(_folder, $"spool-{name}-{start}")).FullName,
                ])));
        }
    }

    /// <summary>Makes monitors through the API server.</summary>
    public Task DeclareAsync(int count, TimeSpan interval, string target, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken },
        async (number, stop) =>
        {
            using var body = new StringContent(
                string.Create(CultureInfo.InvariantCulture, $$"""
                    {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"m-{{number}}"},
                    "spec":{"interval":"{{interval.TotalSeconds}}s","http":{"url":"{{target}}"} } }
                    """),
                Encoding.UTF8, "application/json");
            using var answer = await _server.Admin.PostAsync(
                new Uri("/apis/sre.healthtrack.io/v1alpha1/namespaces/default/servicemonitors", UriKind.Relative), body, stop);
            answer.EnsureSuccessStatusCode();
        });

    /// <summary>The operator that leads now; null where none does.</summary>
    public async Task<SupervisedProcess?> LeaderAsync(CancellationToken cancellationToken)
    {
        foreach (var (address, process) in _operators)
        {
            try
            {
                using var answer = await _api.GetAsync(new Uri($"{address}/leaderz"), cancellationToken);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return process;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Down, or coming up.
            }
        }
        return null;
    }

    /// <summary>The rows of <c>GET /services</c> of the leader; null where none answers.</summary>
    public async Task<string?> ServicesAsync(CancellationToken cancellationToken)
    {
        foreach (var address in _operators.Keys)
        {
            try
            {
                using var answer = await _api.GetAsync(new Uri($"{address}/services?limit=1000"), cancellationToken);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return await answer.Content.ReadAsStringAsync(cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Down, or coming up.
            }
        }
        return null;
    }

    /// <summary>Kills a worker; another takes its place.</summary>
    /// <returns>Who died, and when.</returns>
    public async Task<WorkerDeath> KillWorkerAsync(CancellationToken cancellationToken)
    {
        var (name, process) = _workers[0];
        var death = new WorkerDeath($"{name}-{process.Starts}", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        await process.KillAsync(cancellationToken);
        return death;
    }

    /// <summary>Ends the workers in order: what they hold is delivered first.</summary>
    public Task StopWorkersAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_workers.Select(w => w.Process.StopAsync(TimeSpan.FromSeconds(60), cancellationToken)));

    /// <summary>How many checks are stored; null while the store is away.</summary>
    public Task<long?> StoredAsync(CancellationToken cancellationToken) => CountAsync("select last from counters where name = 'checks'", cancellationToken);

    /// <summary>How many monitors have a result that was due at or after an instant; null while the store is away.</summary>
    public Task<long?> MonitorsCheckedSinceAsync(long instant, CancellationToken cancellationToken) =>
        CountAsync(string.Create(CultureInfo.InvariantCulture, $"select count(distinct service_id) from checks where due >= {instant}"), cancellationToken);

    /// <summary>Whether the leader has given a worker up, for good: the next leader will not wait for it.</summary>
    public async Task<bool> HasGivenUpAsync(WorkerDeath death, CancellationToken cancellationToken) =>
        await CountAsync($"select count(*) from workers where id = '{death.Worker}'", cancellationToken) == 0;

    /// <summary>What is stored of each monitor, by name and UID.</summary>
    public async Task<IReadOnlyList<IGrouping<(string Name, string Uid), AccountedCheck>>> ChecksAsync(CancellationToken cancellationToken)
    {
        var rows = await QueryAsync(
            "select m.name, m.uid, c.due, c.kind, w.name from checks c join monitors m on m.id = c.service_id join names w on w.id = c.worker_id",
            reader => (Monitor: (reader.GetString(0), reader.GetString(1)), Check: new AccountedCheck(reader.GetInt64(2), (CheckKind)reader.GetInt16(3), reader.GetString(4))),
            cancellationToken);
        return [.. rows.GroupBy(row => row.Monitor, row => row.Check)];
    }

    /// <summary>What every program said last, for the message of a failure.</summary>
    public string Tails() => string.Join(
        "\n\n", _operators.Values.Select(p => p.Tail).Concat(_workers.Select(w => w.Process.Tail)));

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, worker) in _workers)
            await worker.DisposeAsync();
        foreach (var running in _operators.Values)
            await running.DisposeAsync();
        await _server.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        _api.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<long?> CountAsync(string sql, CancellationToken cancellationToken)
    {
        try
        {
            return await QueryAsync(sql, reader => reader.GetInt64(0), cancellationToken) is [var count] ? count : 0;
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private async Task<List<T>> QueryAsync<T>(string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection($"{Store};Pooling=false");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 60 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    private static int[] FreePorts(int count)
    {
        // All are held until all are found.
        var sockets = Enumerable.Range(0, count).Select(_ => new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var socket in sockets)
            socket.Start();
        var ports = sockets.Select(s => ((IPEndPoint)s.LocalEndpoint).Port).ToArray();
        foreach (var socket in sockets)
            socket.Dispose();
        return ports;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
