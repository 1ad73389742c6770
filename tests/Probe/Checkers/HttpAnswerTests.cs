using System.Text;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>What servers answer over HTTP/1.1, in order and out of it.</summary>
public sealed class HttpAnswerTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Outcome.Ok, 200, 2)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nuntil the end", Outcome.Ok, 200, 13)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\nold", Outcome.Ok, 200, 3)]
    [InlineData("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", Outcome.Ok, 200, 0)]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 2\n\nok", Outcome.Ok, 200, 2)]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", Outcome.Ok, 204, 0)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Outcome.Ok, 304, 0)]
    [InlineData("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", Outcome.Ok, 302, 0)]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", Outcome.Warn, 404, 2)]
    [InlineData("HTTP/1.1 503 Away\r\nContent-Length: 2\r\n\r\nno", Outcome.Error, 503, 2)]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Outcome.Ok, 200, 2)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n3\r\n!!!\r\n0\r\nT: 1\r\n\r\n", Outcome.Ok, 200, 5)]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\nContent-Length: 99\r\n\r\n2\r\nok\r\n0\r\n\r\n", Outcome.Ok, 200, 2)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 2\r\n\r\nok", Outcome.Ok, 200, 2)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more than was said", Outcome.Ok, 200, 2)]
    public async Task Check_Answer_OutcomeByStatus(string answer, Outcome outcome, int status, int bytes)
    {
        await using var server = RawServer.Answering(answer);
        var explained = await Checks.RunAsync(new HttpCheck { Url = server.Url });
        Assert.Equal((outcome, status, bytes), (explained.Result.Outcome, explained.Result.StatusCode ?? 0, (int)explained.BodyBytes));
        Assert.Equal(outcome == Outcome.Ok, explained.Result.CountsInLatency);
        Assert.Equal(outcome == Outcome.Ok, explained.Result.Message is null);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", Outcome.Down, "not HTTP")]
    [InlineData("\0\u0001\u0002garbage", Outcome.Down, "not HTTP")]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n", Outcome.Down, "not HTTP")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n", Outcome.Down, "not HTTP")]
    [InlineData("HTTP/1.1 099 Low\r\n\r\n", Outcome.Down, "not HTTP")]
    [InlineData("", Outcome.Down, "without an answer")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", Outcome.Down, "within the header")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", Outcome.Down, "no colon")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", Outcome.Down, "two different")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", Outcome.Down, "not a number")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", Outcome.Down, "not a number")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Outcome.Down, "switched protocols")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this", Outcome.Error, "after 9 of 100 bytes")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", Outcome.Error, "before its last chunk")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello", Outcome.Error, "size is not a number")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n", Outcome.Error, "longer than its size")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", Outcome.Error, "too large")]
    public async Task Check_BrokenAnswer_IsValueThatSaysWhy(string answer, Outcome outcome, string message)
    {
        await using var server = RawServer.Answering(answer);
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url })).Result;
        Assert.Equal(outcome, result.Outcome);
        Assert.Contains(message, result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', result.Message!);
        Assert.False(result.CountsInLatency);
    }

    [Fact]
    public async Task Check_AnyAnswerInAnyPieces_SameResult()
    {
        var bytes = Encoding.Latin1.GetBytes(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;e\r\n0123456789\r\n0\r\nT: v\r\n\r\n");
        await using var server = new RawServer(async (stream, request, token) =>
        {
            // /N: the answer in pieces of N bytes.
            var size = int.Parse(request.Split(' ')[1][1..], null);
            for (var at = 0; at < bytes.Length; at += size)
                await stream.WriteAsync(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), token);
        });
        var expect = new HttpExpectations { Body = [new BodyContains("abc0123456789")], Headers = [new HeaderExpectation("x-a", "B", null)] };
        foreach (var size in new[] { 1, 2, 3, 5, 7, 64 })
        {
            var result = await Checks.RunAsync(new HttpCheck { Url = new Uri(server.Url, $"/{size}"), Expect = expect });
            Assert.Equal((Outcome.Ok, null), (result.Result.Outcome, result.Result.Message));
            Assert.Equal(13, result.BodyBytes);
        }
    }

    [Fact]
    public async Task Check_EndlessHeader_DownAtLimit()
    {
        await using var server = new RawServer(async (stream, _, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), token);
            while (true)
                await stream.WriteAsync("X-More: and more and more and more\r\n"u8.ToArray(), token);
        });
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.Contains("longer than 64 KiB", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_EndlessInterimAnswers_DownAtLimit()
    {
        await using var server = new RawServer(async (stream, _, token) =>
        {
            while (true)
                await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), token);
        });
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.Contains("longer than 64 KiB", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "400\r\n", "\r\n")]
    [InlineData("\r\n", "", "")]
    [InlineData("Content-Length: 10000000000\r\n\r\n", "", "")]
    public async Task Check_EndlessBody_AnsweredAfterFirstMebibyte(string head, string before, string after)
    {
        await using var server = new RawServer(async (stream, _, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n" + head), token);
            var chunk = Encoding.ASCII.GetBytes(before + new string('x', 1024) + after);
            while (true)
                await stream.WriteAsync(chunk, token);
        });
        var explained = await Checks.RunAsync(new HttpCheck
        {
            Url = server.Url,
            Expect = new HttpExpectations { Body = [new BodyContains("xxx"), new BodyMatches("^x+$")] },
        });
        Assert.Equal((Outcome.Ok, null), (explained.Result.Outcome, explained.Result.Message));
        Assert.Equal(1 << 20, explained.BodyBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Slow: ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe")]
    public async Task Check_ServerThatNeverEnds_DownAtTimeLimit(string begin)
    {
        await using var server = new RawServer(async (stream, _, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(begin), token);
            await Task.Delay(Timeout.Infinite, token);
        });
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url }, TimeSpan.FromMilliseconds(150))).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.StartsWith("no whole answer within 0.15 s", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_CallerGivesUp_Throws()
    {
        using var caller = new CancellationTokenSource();
        await using var server = new RawServer(async (_, _, token) =>
        {
            await caller.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Checks.Checker()
            .CheckAsync(Checks.Assignment(new HttpCheck { Url = server.Url }), default, null, caller.Token).AsTask());
    }

    [Fact]
    public async Task Check_NobodyListens_DownRefused()
    {
        Uri url;
        await using (var server = RawServer.Answering(""))
            url = server.Url;
        var result = (await Checks.RunAsync(new HttpCheck { Url = url })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.Equal($"connect: 127.0.0.1:{url.Port} refused the connection", result.Message);
        Assert.Null(result.StatusCode);
    }

    [Fact]
    public async Task Check_MappedAddress_IsReachedOverIPv4()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var explained = await Checks.RunAsync(new HttpCheck { Url = new Uri($"http://[::ffff:127.0.0.1]:{server.Port}/") });
        Assert.Equal((Outcome.Ok, $"127.0.0.1:{server.Port}"), (explained.Result.Outcome, explained.Address));
    }

    [Fact]
    public async Task Check_Head_ReadsNoBody()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        var explained = await Checks.RunAsync(new HttpCheck { Url = server.Url, Method = "HEAD" });
        Assert.Equal((Outcome.Ok, 0), (explained.Result.Outcome, (int)explained.BodyBytes));
    }

    [Fact]
    public async Task Check_ResetWithinBody_Error()
    {
        await using var server = new RawServer(async (stream, _, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray(), token);
            ((System.Net.Sockets.NetworkStream)stream).Socket.Close(0);
        });
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url })).Result;
        // The reset may overtake the header on its way.
        Assert.Contains(result.Outcome, new[] { Outcome.Error, Outcome.Down });
        Assert.Contains("reset the connection", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Good_PhasesAndIdentityFilledIn()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        var explained = await Checks.RunAsync(new HttpCheck { Url = server.Url });
        var result = explained.Result;
        Assert.Equal(("uid-1", "default", 7L, 1000L, 1003L, CheckKind.Manual, "worker-1"),
            (result.Uid, result.Location, result.Generation, result.DueTime, result.StartedAt, result.Kind, result.Worker));
        Assert.True(result.Phases.Connect > 0 && result.Phases.FirstByte > 0);
        Assert.Equal((0, 0), (result.Phases.Dns, result.Phases.Tls));
        var phases = result.Phases.Connect + result.Phases.FirstByte + result.Phases.Download;
        Assert.True(result.LatencyMicros >= phases, $"{result.LatencyMicros} is less than its phases, {phases}");
        Assert.Equal($"127.0.0.1:{server.Port}", explained.Address);
        Assert.Equal("HTTP/1.1", explained.Protocol);
        Assert.Null(result.Certificate);
    }
}
