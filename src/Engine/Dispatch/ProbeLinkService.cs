using Google.Protobuf;
using Grpc.Core;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Leadership;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Wire = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Engine.Dispatch;

/// <summary>The gRPC end of the link: lets a worker in, and carries what it and the dispatcher say until one of many things ends it.</summary>
internal sealed class ProbeLinkService(
    Dispatcher dispatcher, IWorkerAuthority authority, ILeadership leadership, LinkMetrics metrics, IHostApplicationLifetime life, TimeProvider time,
    ILogger<ProbeLinkService> log)
    : Wire.ProbeLink.ProbeLinkBase
{
    private const string Scheme = "Bearer ";

    // Of what is no result: results are held back by their quota, and a worker that was away for long has many small batches. Nothing else is said often.
    private const int MaxMessagesInASecond = 1000;

    private static readonly TimeSpan HelloLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public override async Task Connect(
        IAsyncStreamReader<Wire.WorkerMessage> requestStream, IServerStreamWriter<Wire.ControlMessage> responseStream, ServerCallContext context)
    {
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, leadership.Lost, life.ApplicationStopping);
            RefuseUnlessLeader();
            var hello = await ReadHelloAsync(requestStream, ending.Token);
            var until = await AdmitAsync(hello, context, ending.Token);
            var session = dispatcher.Connect(hello, remote: true, LinkConnection.IsSecure(context.GetHttpContext()));
            try
            {
                await ServeAsync(session, StayAdmittedAsync(hello, context, until, ending.Token), requestStream, responseStream, ending);
            }
            finally
            {
                dispatcher.Disconnect(session);
            }
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, NotLeading()));
        }
        catch (Exception e) when (Refusal(e) is { } refusal && !context.CancellationToken.IsCancellationRequested)
        {
            metrics.Refused(refusal.Reason);
            Log.WorkerRefused(log, refusal.Reason, refusal.Message);
            throw new RpcException(new Status(refusal.Code, refusal.Message));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RpcException && context.CancellationToken.IsCancellationRequested)
        {
            // The worker is gone: nobody reads an answer.
        }
    }

    private static WorkerRefusedException? Refusal(Exception e) => e switch
    {
        WorkerRefusedException refused => refused,
        BrokenMessageException broken => new(StatusCode.InvalidArgument, "broken_message", broken.Message),
        InvalidProtocolBufferException => new(StatusCode.InvalidArgument, "broken_message", "A message of the worker is none of this protocol."),
        RpcException { StatusCode: StatusCode.ResourceExhausted } =>
            new(StatusCode.ResourceExhausted, "message_too_large", $"A message of the worker is larger than {LinkLimits.WorkerMessageBytes} bytes."),
        RpcException { StatusCode: StatusCode.Internal or StatusCode.Unimplemented or StatusCode.Unknown } =>
            new(StatusCode.InvalidArgument, "broken_message", "A message of the worker is none of this protocol."),
        _ => null,
    };

    private void RefuseUnlessLeader()
    {
        if (!leadership.IsLeader)
            throw new WorkerRefusedException(StatusCode.Unavailable, "not_leader", NotLeading());
    }

    private string NotLeading() => life.ApplicationStopping.IsCancellationRequested
        ? "This process stops."
        : leadership.Leader is { } leader ? $"This process does not lead: {leader} does." : "This process does not lead, and nobody is known to.";

    private static async Task<WorkerHello> ReadHelloAsync(IAsyncStreamReader<Wire.WorkerMessage> requests, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(HelloLimit);
        try
        {
            if (!await requests.MoveNext(limit.Token))
                throw new BrokenMessageException("The worker said nothing.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerRefusedException(StatusCode.InvalidArgument, "no_hello", $"A worker says hello within {HelloLimit.TotalSeconds} s.");
        }
        var hello = LinkCodec.ReadHello(requests.Current);
        if (hello.Protocol < LinkLimits.OldestProtocol)
        {
            throw new WorkerRefusedException(
                StatusCode.FailedPrecondition, "protocol_too_old",
                $"The worker speaks protocol {hello.Protocol}; this control plane speaks {WorkerHello.CurrentProtocol} and serves {LinkLimits.OldestProtocol} and later: update the worker.");
        }
        return hello;
    }

    // When the credential ends, ms since the Unix epoch; null: never.
    private async Task<long?> AdmitAsync(WorkerHello hello, ServerCallContext context, CancellationToken cancellationToken)
    {
        var header = context.RequestHeaders.GetValue("authorization");
        var token = header?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true ? header[Scheme.Length..].Trim() : null;
        try
        {
            var admission = await authority.AdmitAsync(token, hello.Pool, cancellationToken);
            return admission switch
            {
                { Refusal: null } => admission.Until,
                { Authenticated: true } => throw new WorkerRefusedException(StatusCode.PermissionDenied, "foreign_pool", admission.Refusal),
                _ => throw new WorkerRefusedException(StatusCode.Unauthenticated, token is null ? "no_token" : "wrong_token", admission.Refusal),
            };
        }
        catch (WorkerAuthorityUnavailableException e)
        {
            throw new WorkerRefusedException(StatusCode.Unavailable, "authority_away", e.Message);
        }
    }

    private async Task ServeAsync(
        ProbeSession session, Task expiring, IAsyncStreamReader<Wire.WorkerMessage> requests, IServerStreamWriter<Wire.ControlMessage> responses,
        CancellationTokenSource ending)
    {
        var reading = ReadAsync(session, requests, ending.Token);
        var writing = WriteAsync(session, responses, ending.Token);
        try
        {
            var first = await Task.WhenAny(reading, writing, session.Ended, expiring);
            await first;
            // What was said before the end is still told, such as Drain.
            if (first == session.Ended && session.Ended.Result.StatusCode == StatusCode.OK)
                await writing;
        }
        finally
        {
            await ending.CancelAsync();
            session.End();
            foreach (var part in (Task[])[reading, writing, expiring])
                await part.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        var status = await session.Ended;
        if (status.StatusCode == StatusCode.Unavailable)
            throw new RpcException(status);
        if (status.StatusCode != StatusCode.OK)
            throw new WorkerRefusedException(status.StatusCode, "ended", status.Detail);
    }

    private async Task ReadAsync(ProbeSession session, IAsyncStreamReader<Wire.WorkerMessage> requests, CancellationToken cancellationToken)
    {
        var (second, count) = (time.GetTimestamp(), 0);
        while (await requests.MoveNext(cancellationToken))
        {
            if (time.GetElapsedTime(second) > TimeSpan.FromSeconds(1))
                (second, count) = (time.GetTimestamp(), 0);
            if (requests.Current.BodyCase != Wire.WorkerMessage.BodyOneofCase.Results && ++count > MaxMessagesInASecond)
            {
                throw new WorkerRefusedException(
                    StatusCode.ResourceExhausted, "too_many_messages", $"A worker says at most {MaxMessagesInASecond} things in a second, results apart.");
            }
            if (LinkCodec.Read(requests.Current, session.Hello.WorkerId) is { } message)
                await dispatcher.ReceiveAsync(session, message, cancellationToken);
        }
    }

    private async Task WriteAsync(ProbeSession session, IServerStreamWriter<Wire.ControlMessage> responses, CancellationToken cancellationToken)
    {
        using var slow = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await foreach (var message in session.ReadAllAsync(cancellationToken))
        {
            foreach (var wire in LinkCodec.Write(message, (id, bytes) => Log.AssignmentTooLarge(log, session.Hello.WorkerId, id, bytes)))
            {
                slow.CancelAfter(WriteLimit);
                try
                {
                    await responses.WriteAsync(wire, slow.Token);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    throw new WorkerRefusedException(StatusCode.ResourceExhausted, "reads_nothing", "The worker does not read what it is told.");
                }
                slow.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }
    }

    // Until the credential ends, or is good no more. While nobody can tell, it stays good.
    private async Task StayAdmittedAsync(WorkerHello hello, ServerCallContext context, long? until, CancellationToken cancellationToken)
    {
        while (true)
        {
            var left = until - time.GetUtcNow().ToUnixTimeMilliseconds();
            if (left <= 0)
                throw new WorkerRefusedException(StatusCode.Unauthenticated, "token_ended", "The worker's token has ended: connect again with a new one.");
            var ends = left <= authority.LooksAgainEvery.TotalMilliseconds;
            await Task.Delay(ends ? TimeSpan.FromMilliseconds(left!.Value) : authority.LooksAgainEvery, time, cancellationToken);
            if (ends)
                continue;
            try
            {
                until = await AdmitAsync(hello, context, cancellationToken);
            }
            catch (WorkerRefusedException e) when (e.Code == StatusCode.Unavailable)
            {
                // Asked again after the next wait.
            }
        }
    }
}
