using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Ports;
using Proto = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Probe.Link;

/// <summary>One gRPC stream to an operator.</summary>
internal sealed class GrpcProbeConnection : IProbeConnection
{
    // A refusal comes after the headers of its answer, where it does not come with them.
    private static readonly TimeSpan RefusalAfterHeaders = TimeSpan.FromMilliseconds(250);

    private readonly GrpcChannel _channel;
    private readonly WorkerHello _hello;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _over = new();
    private readonly AsyncDuplexStreamingCall<Proto.WorkerMessage, Proto.ControlMessage> _call;
    private readonly ControlReader _reader = new();
    private readonly ConcurrentDictionary<long, IReadOnlyList<RefusedAssignment>> _refused = new();
    private Task<bool>? _first;
    private bool _heard;

    public GrpcProbeConnection(GrpcChannel channel, WorkerHello hello, string? token, TimeProvider time)
    {
        (_channel, _hello, _time) = (channel, hello, time);
        var headers = new Metadata();
        if (token is not null)
            headers.Add("authorization", $"Bearer {token}");
        _call = new Proto.ProbeLink.ProbeLinkClient(channel).Connect(headers, cancellationToken: _over.Token);
    }

    /// <summary>Told at the end whether the other side ever said anything.</summary>
    public Action<bool>? Ended { get; set; }

    /// <summary>Says hello and waits until the other side has no objection.</summary>
    /// <exception cref="IOException">It cannot be reached, or has one.</exception>
    public async Task HelloAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var stop = cancellationToken.Register(_over.Cancel);
        try
        {
            _first = _call.ResponseStream.MoveNext(CancellationToken.None);
            await _call.RequestStream.WriteAsync(LinkCodec.Write(_hello), cancellationToken).ConfigureAwait(false);
            await SettledAsync(Task.WhenAny(_first, _call.ResponseHeadersAsync), limit).ConfigureAwait(false);
            await SettledAsync(_first, RefusalAfterHeaders).ConfigureAwait(false);
            if (_first.IsCompleted && !await _first.ConfigureAwait(false))
                throw new IOException("it closed the connection");
        }
        catch (Exception e)
        {
            throw Translate(await SaidAsync(e).ConfigureAwait(false), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ControlMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A gRPC stream that is cancelled while it is read is over: so is the session.
        using var stop = cancellationToken.Register(_over.Cancel);
        while (await NextAsync(cancellationToken).ConfigureAwait(false))
        {
            _heard = true;
            if (_reader.Read(_call.ResponseStream.Current) is not { } message)
                continue;
            if (message is AssignmentsChanged change && _reader.Refused.Count > 0)
                _refused[change.Revision] = _reader.Refused;
            yield return message;
        }
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(WorkerMessage message, CancellationToken cancellationToken)
    {
        try
        {
            // What could not even be read of the change was never seen by the worker.
            if (message is AssignmentsApplied applied && _refused.TryRemove(applied.Revision, out var refused))
                message = applied with { Refused = [.. applied.Refused, .. refused] };
            await _call.RequestStream.WriteAsync(LinkCodec.Write(message), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Ended?.Invoke(_heard);
        try
        {
            // An orderly end, where the line still takes it.
            if (!_over.IsCancellationRequested)
                await _call.RequestStream.CompleteAsync().WaitAsync(RefusalAfterHeaders, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException or TimeoutException)
        {
            // It is over either way.
        }
        await _over.CancelAsync().ConfigureAwait(false);
        if (_first is not null)
            await ((Task)_first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _call.Dispose();
        _channel.Dispose();
        _over.Dispose();
    }

    private async Task<bool> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            var next = _first ?? _call.ResponseStream.MoveNext(CancellationToken.None);
            _first = null;
            return await next.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, cancellationToken);
        }
    }

    // That nothing more can be written says less than the answer that ended the call, which comes at the same time.
    private async Task<Exception> SaidAsync(Exception failure)
    {
        if (failure is not InvalidOperationException || _first is null)
            return failure;
        await ((Task)_first).WaitAsync(RefusalAfterHeaders, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _first.Exception?.InnerException ?? failure;
    }

    private async Task SettledAsync(Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Silence is no objection; a line that is dead is found by its pings.
        }
    }

    private static Exception Translate(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        _ when cancellationToken.IsCancellationRequested => new OperationCanceledException("Hung up.", failure, cancellationToken),
        IOException => failure,
        RpcException rpc => LinkErrors.Explain(rpc),
        // The line ended between two messages: the stream says so in its own way.
        InvalidOperationException or OperationCanceledException => new IOException("the connection is gone", failure),
        _ => failure,
    };
}
