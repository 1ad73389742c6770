using System.Collections.Concurrent;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>A worker whose checks are what the test says.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    private readonly IProbeConnection _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<AssignmentId, Assignment> _assignments = new();
    private readonly Task _reading;
    private long _sequence;

    private TestWorker(IProbeConnection connection)
    {
        _connection = connection;
        _reading = ReadAsync();
    }

    /// <summary>What it was given.</summary>
    public IReadOnlyDictionary<AssignmentId, Assignment> Assignments => _assignments;

    /// <summary>The newest batch that was acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>What it answers to "run now"; null: nothing.</summary>
    public Func<RunNow, CheckResult?> OnRun { get; set; } = _ => null;

    public static async Task<TestWorker> ConnectAsync(IProbeLink link, CancellationToken cancellationToken, string pool = "default", string id = "w1") =>
        new(await link.ConnectAsync(new WorkerHello(id, pool, "1.0"), cancellationToken));

    public ValueTask SendAsync(CancellationToken cancellationToken, params CheckResult[] results) =>
        _connection.SendAsync(new ResultBatch(++_sequence, results), cancellationToken);

    public ValueTask HeartbeatAsync(WorkerHeartbeat heartbeat, CancellationToken cancellationToken) =>
        _connection.SendAsync(heartbeat, cancellationToken);

    public Task UntilAcknowledgedAsync(CancellationToken cancellationToken) =>
        Eventually.True(() => Acknowledged >= _sequence, "the results are acknowledged", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _connection.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _connection.ReadAllAsync(_stop.Token))
        {
            switch (message)
            {
                case AssignmentsChanged change:
                    if (change.Full)
                        _assignments.Clear();
                    foreach (var upsert in change.Upserts)
                        _assignments[upsert.Id] = upsert;
                    foreach (var removed in change.Removed)
                        _assignments.TryRemove(removed, out _);
                    break;
                case ResultsAcknowledged acknowledged:
                    Acknowledged = acknowledged.Sequence;
                    break;
                case RunNow run when OnRun(run) is { } result:
                    await SendAsync(_stop.Token, result);
                    break;
            }
        }
    }
}
