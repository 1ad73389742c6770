using System.Net.Sockets;
using System.Security.Authentication;
using Grpc.Core;
using HealthTrack.Probe.Checkers;

namespace HealthTrack.Probe.Link;

/// <summary>What a failed call means, as a sentence, and whether trying again soon can help.</summary>
internal static class LinkErrors
{
    private const int MaxSentence = 400;

    public static IOException Explain(RpcException failure)
    {
        var sentence = OneLine.Of(Sentence(failure), MaxSentence);
        return failure.StatusCode switch
        {
            StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.FailedPrecondition or StatusCode.InvalidArgument
                or StatusCode.ResourceExhausted or StatusCode.Unimplemented => new LinkRefusedException(sentence, failure),
            _ => new IOException(sentence, failure),
        };
    }

    private static string Sentence(RpcException failure)
    {
        for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
                return SocketErrors(socket);
            if (cause is AuthenticationException tls)
                return $"TLS: {tls.InnerException?.Message ?? tls.Message}";
            if (cause is TimeoutException or TaskCanceledException { InnerException: TimeoutException })
                return "no answer in time";
            if (cause is HttpRequestException { HttpRequestError: HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse })
                return "what answers there does not speak HTTP/2 as a link does";
        }
        return failure.Status.Detail is { Length: > 0 } detail ? detail : $"it answered {failure.StatusCode}";
    }

    private static string SocketErrors(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.TimedOut => "no answer in time",
        SocketError.ConnectionReset => "the connection was reset",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "there is no way to it",
        _ => failure.Message,
    };
}
