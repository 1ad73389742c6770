using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>
/// One request and its answer over HTTP/1.1, of our own because HttpClient costs several times as much on a fresh connection. It reads
/// what a check needs and closes; it never uses a connection twice. Whatever the server sends ends in a value.
/// </summary>
internal static class Http11Exchange
{
    private const int FirstBuffer = 16 << 10;
    private const int SmallestRead = 4 << 10;

    public static async ValueTask<CheckFailure?> RunAsync(
        Wire wire, HttpHop hop, HttpAnswer answer, CheckTrace trace, CancellationToken cancellationToken)
    {
        trace.Protocol = "HTTP/1.1";
        // A server may answer and close before it has read all; the answer counts, so a failed send is not yet the end.
        var sent = await wire.SendAsync(hop.Http11Request, cancellationToken).ConfigureAwait(false);
        var began = Stopwatch.GetTimestamp();
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            int filled = 0, headStart = 0, looked = 0;
            long firstByte = 0;
            Http11Framing framing;
            int headEnd;
            while (true)
            {
                var read = await wire.ReceiveAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
                if (read <= 0)
                    return CheckFailure.Down(NoAnswer(wire, trace, sent, read, filled));
                if (firstByte == 0)
                {
                    firstByte = Stopwatch.GetTimestamp();
                    trace.FirstByte += firstByte - began;
                }
                filled += read;
                var problem = TakeHead(buffer.AsSpan(0, filled), hop.Secrets, ref headStart, looked, out headEnd, out framing);
                if (problem is not null)
                    return CheckFailure.Down($"HTTP: {problem}");
                if (headEnd > 0)
                    break;
                looked = filled;
                // Interim answers count too: a server may send them without end.
                if (filled >= HttpLimits.Headers)
                    return CheckFailure.Down("HTTP: the answer's header is longer than 64 KiB");
                if (filled == buffer.Length)
                    buffer = Larger(buffer, filled);
            }
            answer.Begin(framing.Status, hop.ReadsHeaders(framing.Status)
                ? new RawHeaderFields(buffer.AsSpan(headStart, headEnd - headStart).ToArray())
                : answer.Headers);
            if (hop.IsRedirect(framing.Status))
            {
                // Nobody looks at the body of a redirect that is followed.
                trace.Download += Stopwatch.GetTimestamp() - firstByte;
                return null;
            }
            if (buffer.Length - headEnd < SmallestRead)
                buffer = Larger(buffer, filled);
            var failure = await ReadBodyAsync(wire, hop, answer, framing, buffer, headEnd, filled, cancellationToken).ConfigureAwait(false);
            trace.Download += Stopwatch.GetTimestamp() - firstByte;
            return failure;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Looks for a final answer's head, stepping over interim ones (1xx).</summary>
    private static string? TakeHead(ReadOnlySpan<byte> bytes, SecretScrubber secrets, ref int start, int looked, out int end, out Http11Framing framing)
    {
        framing = default;
        end = 0;
        while (true)
        {
            var found = Http11Head.FindEnd(bytes[start..], Math.Max(0, looked - start));
            if (found < 0)
                // What cannot become HTTP any more is said at once, not when the time limit has passed.
                return !"HTTP/1."u8.StartsWith(bytes[start..][..Math.Min(7, bytes.Length - start)])
                    ? Http11Head.Parse(bytes[start..], secrets, out _)
                    : null;
            var problem = Http11Head.Parse(bytes.Slice(start, found), secrets, out framing);
            if (problem is not null)
                return problem;
            if (framing.Status >= 200)
            {
                end = start + found;
                return null;
            }
            if (framing.Status == 101)
                return "the server switched protocols although nobody asked it to";
            start += found;
            looked = start;
        }
    }

    private static async ValueTask<CheckFailure?> ReadBodyAsync(
        Wire wire, HttpHop hop, HttpAnswer answer, Http11Framing framing, byte[] buffer, int from, int filled, CancellationToken cancellationToken)
    {
        // RFC 9112, section 6.3.
        if (hop.Method == "HEAD" || framing.Status is 204 or 304)
            return null;
        var chunks = default(ChunkedDecoder);
        var left = framing.Chunked || framing.ContentLength < 0 ? long.MaxValue : framing.ContentLength;
        var piece = buffer.AsMemory(from, filled - from);
        while (true)
        {
            if (framing.Chunked)
            {
                var problem = chunks.Feed(piece.Span, answer);
                if (problem is not null)
                    return CheckFailure.Error($"HTTP: the body is broken: {problem}");
                if (chunks.IsDone)
                    return null;
            }
            else
            {
                piece = piece[..(int)Math.Min(left, piece.Length)];
                left -= piece.Length;
                answer.Append(piece.Span);
                if (left == 0)
                    return null;
            }
            if (answer.BodyIsFull)
                return null;
            var read = await wire.ReceiveAsync(buffer.AsMemory(from), cancellationToken).ConfigureAwait(false);
            if (read == 0 && !framing.Chunked && framing.ContentLength < 0)
                return null;
            if (read <= 0)
                return CheckFailure.Error(CutOff(wire, answer, framing, read));
            piece = buffer.AsMemory(from, read);
        }
    }

    private static string NoAnswer(Wire wire, CheckTrace trace, bool sent, int read, int filled) =>
        filled > 0 ? $"HTTP: {trace.Remote} {(read == 0 ? "closed the connection" : SocketErrors.Say(wire.Error))} within the header of its answer"
        : !sent ? $"HTTP: {trace.Remote} {SocketErrors.Say(wire.Error)} before the request was sent"
        : read == 0 ? $"HTTP: {trace.Remote} closed the connection without an answer"
        : $"HTTP: {trace.Remote} {SocketErrors.Say(wire.Error)}";

    private static string CutOff(Wire wire, HttpAnswer answer, Http11Framing framing, int read)
    {
        var how = read == 0 ? "ended" : $"ended ({SocketErrors.Say(wire.Error)})";
        var got = answer.BodyBytes.ToString(CultureInfo.InvariantCulture);
        return framing.Chunked
            ? $"HTTP: the body {how} before its last chunk, after {got} bytes"
            : $"HTTP: the body {how} after {got} of {framing.ContentLength.ToString(CultureInfo.InvariantCulture)} bytes";
    }

    private static byte[] Larger(byte[] buffer, int filled)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
