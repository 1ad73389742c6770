using System.Collections.Concurrent;
using System.Text;
using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>Answers that were good before bytes of them were changed, left out or doubled: each ends in a value with a plain line.</summary>
public sealed class HttpFuzzTests
{
    private static readonly byte[][] Good =
    [
        Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"a\":\"b\",\"c\":1}"),
        Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n3\r\n{}[\r\n0\r\nT: 1\r\n\r\n"),
        Encoding.ASCII.GetBytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b?c=d#e\r\nContent-Length: 0\r\n\r\n"),
    ];

    [Fact]
    public async Task Check_MutatedAnswer_EndsInValue()
    {
        var next = new ConcurrentQueue<byte[]>();
        await using var server = new RawServer(async (stream, _, token) =>
        {
            if (next.TryDequeue(out var answer))
                await stream.WriteAsync(answer, token);
        });
        var checker = Checks.Checker();
        var assignment = Checks.Assignment(new HttpCheck
        {
            Url = server.Url,
            // A changed Location could name a host that is not ours.
            FollowRedirects = false,
            Expect = new HttpExpectations { Body = [new BodyContains("b"), new BodyMatches("[a-z]+"), new BodyJsonPath("$.a", "b")], Headers = [new HeaderExpectation("T", "1", "^1$")] },
        });
        var mutation = Gen.Select(Gen.Int[0, 200], Gen.Int[0, 3], Gen.Byte);
        await Gen.Select(Gen.Int[0, Good.Length - 1], mutation.Array[1, 6]).SampleAsync(async (which, mutations) =>
        {
            var bytes = Good[which].ToList();
            foreach (var (at, kind, value) in mutations)
            {
                var index = at % bytes.Count;
                if (kind == 0)
                    bytes[index] = value;
                else if (kind == 1 && bytes.Count > 1)
                    bytes.RemoveAt(index);
                else if (kind == 2)
                    bytes.Insert(index, bytes[index]);
                else
                    bytes.InsertRange(index, "\r\n"u8);
            }
            next.Clear();
            next.Enqueue([.. bytes]);
            var result = (await checker.RunAsync(assignment)).Result;
            Assert.True(Enum.IsDefined(result.Outcome));
            Assert.Equal(result.Outcome == Outcome.Ok, result.Message is null);
            Assert.DoesNotContain(result.Message ?? "", char.IsControl);
        }, iter: 400, threads: 1);
    }
}
