using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Net.Client;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Tests.Api;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Wire = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Engine.Tests.Dispatch;

/// <summary>A worker at the far end of a real gRPC stream, which says what the test wants.</summary>
internal sealed class WireWorker : IAsyncDisposable
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<Wire.WorkerMessage, Wire.ControlMessage> _call;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly ConcurrentDictionary<AssignmentId, Assignment> _assignments = new();
    private readonly Task _beating;

    private WireWorker(string address, string? token, bool beats)
    {
        _channel = GrpcChannel.ForAddress(address);
        var headers = new Metadata();
        if (token is not null)
            headers.Add("authorization", $"Bearer {token}");
        _call = new Wire.ProbeLink.ProbeLinkClient(_channel).Connect(headers);
        Ended = ReadAsync();
        _beating = beats ? BeatAsync() : Task.CompletedTask;
    }

    /// <summary>The assignments it was given.</summary>
    public IReadOnlyDictionary<AssignmentId, Assignment> Assignments => _assignments;

    /// <summary>How the stream ended.</summary>
    public Task<Status> Ended { get; }

    /// <summary>The newest acknowledged sequence.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Whether it says what it applied.</summary>
    public bool Applies { get; set; } = true;

    /// <summary>Whether it was told to stop.</summary>
    public bool Drained { get; private set; }

    public Func<RunNow, CheckResult?> OnRun { get; set; } = _ => null;

    public static string AddressOf(EngineHost host) =>
        host.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last();

    public static async Task<WireWorker> ConnectAsync(
        EngineHost host, string id = "w1", string pool = "default", string? token = null, bool beats = true, bool applies = true, int protocol = 1)
    {
        var worker = new WireWorker(AddressOf(host), token, beats) { Applies = applies };
        await worker.SendAsync(LinkCodec.Write(new WorkerHello(id, pool, "1.0") { Protocol = protocol }));
        return worker;
    }

    /// <summary>A stream that has not said hello.</summary>
    public static WireWorker Silent(EngineHost host) => new(AddressOf(host), null, beats: false);

    public Task SendAsync(WorkerMessage message) => SendAsync(LinkCodec.Write(message));

    /// <summary>Sends; what cannot be sent any more is said by <see cref="Ended"/>.</summary>
    public async Task SendAsync(Wire.WorkerMessage message)
    {
        await _sending.WaitAsync();
        try
        {
            await _call.RequestStream.WriteAsync(message);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
        }
        finally
        {
            _sending.Release();
        }
    }

    public async Task<Status> EndsAsync() => await Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Breaks the connection as a killed process would.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _call.Dispose();
        _channel.Dispose();
        await Ended;
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _sending.Dispose();
    }

    private async Task BeatAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(500, _stop.Token);
            await SendAsync(new WorkerHeartbeat(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 0, _assignments.Count, 0, 1, 0, 0));
        }
    }

    private async Task<Status> ReadAsync()
    {
        var reader = new ControlReader();
        try
        {
            await foreach (var wire in _call.ResponseStream.ReadAllAsync(_stop.Token))
                await TakeAsync(reader.Read(wire), reader);
            return _call.GetStatus();
        }
        catch (RpcException e)
        {
            return e.Status;
        }
        // Disposed between two messages.
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return Status.DefaultCancelled;
        }
    }

    private async Task TakeAsync(ControlMessage? message, ControlReader reader)
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
                if (Applies)
                    await SendAsync(new AssignmentsApplied(change.Revision, reader.Refused));
                break;
            case ResultsAcknowledged acknowledged:
                Acknowledged = acknowledged.Sequence;
                break;
            case Drain:
                Drained = true;
                break;
            case RunNow run when OnRun(run) is { } result:
                await SendAsync(new ResultBatch(1000, [result]));
                break;
        }
    }
}
