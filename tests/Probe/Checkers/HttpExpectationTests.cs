using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>Expectations over real answers, as a table.</summary>
public sealed class HttpExpectationTests
{
    private static HttpExpectations Body(params BodyExpectation[] body) => new() { Body = body };

    private static HttpExpectations Header(string name, string? contains = null, string? matches = null) =>
        new() { Headers = [new HeaderExpectation(name, contains, matches)] };

    private static HttpExpectations Status(params string[] ranges) => new()
    {
        Status = [.. ranges.Select(r => StatusRange.TryParse(r, out var range) ? range : throw new ArgumentException(r, nameof(ranges)))],
    };

    private const string Json = """{"status":"ok","n":1.10,"big":12345678901234567890,"t":true,"z":null,"at":"2026-01-02T03:04:05Z","list":[{"a":1},{"a":2}]}""";

    public static TheoryData<string, int, string, HttpExpectations, bool, string?> Table() => new()
    {
        // name, status, body, expectations, holds, part of the message
        { "no status, 200", 200, "", new HttpExpectations(), true, null },
        { "no status, 399", 399, "", new HttpExpectations(), true, null },
        { "no status, 404 is an error", 404, "", new HttpExpectations(), false, "status: expected below 400, got 404" },
        { "status class", 204, "", Status("2xx"), true, null },
        { "status wanted 404", 404, "", Status("404"), true, null },
        { "status range", 403, "", Status("2xx", "400-404"), true, null },
        { "status outside", 405, "", Status("2xx", "400-404"), false, "status: expected 2xx, 400-404, got 405" },
        { "contains", 200, "all ok here", Body(new BodyContains("ok")), true, null },
        { "contains is ordinal", 200, "all OK here", Body(new BodyContains("ok")), false, "body[0].contains: expected ok, got not found in 11 bytes" },
        { "contains, utf-8", 200, "alles grün", Body(new BodyContains("grün")), true, null },
        { "contains, empty body", 200, "", Body(new BodyContains("x")), false, "not found in 0 bytes" },
        { "matches whole", 200, "v12", Body(new BodyMatches("^v[0-9]+$")), true, null },
        { "matches not", 200, "x v12", Body(new BodyMatches("^v[0-9]+")), false, "body[0].matches" },
        { "a pattern that hurts backtracking", 200, new string('a', 5000) + "!", Body(new BodyMatches("^(a+)+$")), false, "no match" },
        { "a pattern that cannot be used", 200, "aa", Body(new BodyMatches("(a)\\1")), false, "the expression cannot be used" },
        { "second of two fails", 200, "one", Body(new BodyContains("one"), new BodyContains("two")), false, "body[1].contains" },
        { "jsonPath string", 200, Json, Body(new BodyJsonPath("$.status", "ok")), true, null },
        { "jsonPath other", 200, Json, Body(new BodyJsonPath("$.status", "down")), false, "body[0].jsonPath: expected $.status = down, got ok" },
        { "jsonPath number as written", 200, Json, Body(new BodyJsonPath("$.n", "1.10")), true, null },
        { "jsonPath large integer", 200, Json, Body(new BodyJsonPath("$.big", "12345678901234567890")), true, null },
        { "jsonPath true", 200, Json, Body(new BodyJsonPath("$.t", "true")), true, null },
        { "jsonPath null exists", 200, Json, Body(new BodyJsonPath("$.z", null)), true, null },
        { "jsonPath null's JSON", 200, Json, Body(new BodyJsonPath("$.z", "null")), true, null },
        { "jsonPath date stays text", 200, Json, Body(new BodyJsonPath("$.at", "2026-01-02T03:04:05Z")), true, null },
        { "jsonPath index", 200, Json, Body(new BodyJsonPath("$.list[1].a", "2")), true, null },
        { "jsonPath object", 200, Json, Body(new BodyJsonPath("$.list[0]", "{\"a\":1}")), true, null },
        { "jsonPath absent", 200, Json, Body(new BodyJsonPath("$.no", null)), false, "nothing there" },
        { "jsonPath many", 200, Json, Body(new BodyJsonPath("$.list[*].a", "1")), false, "more than one value" },
        { "jsonPath broken", 200, Json, Body(new BodyJsonPath("$.[?(", "1")), false, "the path cannot be used" },
        { "jsonPath wildcard", 200, Json, Body(new BodyJsonPath("$.list[0].*", "1")), true, null },
        { "jsonPath negative index", 200, Json, Body(new BodyJsonPath("$.list[-1]['a']", "2")), true, null },
        { "jsonPath index past the end", 200, Json, Body(new BodyJsonPath("$.list[-3]", null)), false, "nothing there" },
        { "jsonPath without the root", 200, Json, Body(new BodyJsonPath("status", "ok")), true, null },
        { "jsonPath descent", 200, Json, Body(new BodyJsonPath("$..status", "ok")), true, null },
        { "jsonPath descent to many", 200, Json, Body(new BodyJsonPath("$..a", "1")), false, "more than one value" },
        { "jsonPath filter by number", 200, Json, Body(new BodyJsonPath("$.list[?(@.a == 2.0)].a", "2")), true, null },
        { "jsonPath filter by difference", 200, Json, Body(new BodyJsonPath("$.list[?@.a != 2].a", "1")), true, null },
        { "jsonPath filter by text", 200, """{"c":[{"type":"Ready","s":"True"},{"type":"Live"}]}""", Body(new BodyJsonPath("$.c[?(@.type == 'Ready')].s", "True")), true, null },
        { "jsonPath filter by presence", 200, """{"c":[{"type":"Ready","s":"True"},{"type":"Live"}]}""", Body(new BodyJsonPath("$.c[?(@.s)].type", "Ready")), true, null },
        { "jsonPath two descents", 200, Json, Body(new BodyJsonPath("$..list..a", "1")), false, "the path cannot be used: it has more than one .." },
        { "jsonPath, not JSON", 200, "<html>", Body(new BodyJsonPath("$.a", "1")), false, "the body is not JSON" },
        { "jsonPath, more after it", 200, "{\"a\":1} x", Body(new BodyJsonPath("$.a", "1")), false, "the body is not JSON" },
        { "jsonPath, too deep", 200, new string('[', 5000), Body(new BodyJsonPath("$.a", "1")), false, "the body is not JSON" },
        { "jsonPath, number of no decimal", 200, "{\"a\":1e400,\"b\":2}", Body(new BodyJsonPath("$.b", "2")), true, null },
        { "header there", 200, "", Header("x-test"), true, null },
        { "header missing", 200, "", Header("X-None"), false, "headers[0]: expected X-None is there, got no such header" },
        { "header contains, case ignored", 200, "", Header("X-Test", "VALUE"), true, null },
        { "header second value", 200, "", Header("X-Test", "second"), true, null },
        { "header contains not", 200, "", Header("X-Test", "third"), false, "headers[0].contains" },
        { "header matches", 200, "", Header("X-Test", null, "^sec.*$"), true, null },
        { "header matches not", 200, "", Header("X-Test", null, "^x$"), false, "headers[0].matches" },
        { "several fail", 500, "", Status("200") with { Body = [new BodyContains("a"), new BodyContains("b")] }, false, "; and 1 more" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Check_Expectation_HoldsOrSaysWhy(string name, int status, string body, HttpExpectations expect, bool holds, string? message)
    {
        await using var answering = new RawServer((stream, _, token) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {status} X\r\nX-Test: first value\r\nX-Test: second\r\nContent-Length: {System.Text.Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"), token).AsTask());
        var explained = await Checks.RunAsync(new HttpCheck { Url = answering.Url, Expect = expect });
        Assert.True(holds == (explained.Result.Outcome == Outcome.Ok), $"{name}: {explained.Result.Message}");
        Assert.Equal(holds ? Outcome.Ok : Outcome.Error, explained.Result.Outcome);
        Assert.Equal(holds, explained.Result.CountsInLatency);
        Assert.Equal(holds, explained.Result.Message is null);
        Assert.Contains(message ?? "", explained.Result.Message ?? "", StringComparison.Ordinal);
        // Every expectation is explained, also those that hold.
        Assert.Equal(1 + expect.Body.Count + expect.Headers.Count, explained.Expectations.Count);
        Assert.Equal(holds, explained.Expectations.All(e => e.Passed));
    }

    [Fact]
    public async Task Check_OnlyTooSlow_ErrorThatCountsInLatency()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var never = TimeSpan.FromTicks(1);
        var slow = (await Checks.RunAsync(new HttpCheck { Url = server.Url, Expect = new HttpExpectations { MaxLatency = never } })).Result;
        Assert.Equal((Outcome.Error, true), (slow.Outcome, slow.CountsInLatency));
        Assert.StartsWith("maxLatency: expected at most ", slow.Message, StringComparison.Ordinal);
        var wrongToo = (await Checks.RunAsync(new HttpCheck { Url = server.Url, Expect = Status("404") with { MaxLatency = never } })).Result;
        Assert.Equal((Outcome.Error, false), (wrongToo.Outcome, wrongToo.CountsInLatency));
    }

    // Nested answers of 600 KiB for which Newtonsoft's own walk took minutes.
    [Theory]
    [InlineData("$..*..*..*..*..zzz", "the path cannot be used")]
    [InlineData("$..*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.zzz", "the body is too large for this path")]
    public async Task Check_PathThatIsDearOnANestedBody_ErrorAndNoStall(string path, string message)
    {
        var nest = new string('[', 60) + "1" + new string(']', 60);
        var body = $"[{string.Join(',', Enumerable.Repeat(nest, 5000))}]";
        await using var server = RawServer.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        var run = Checks.RunAsync(new HttpCheck { Url = server.Url, Expect = Body(new BodyJsonPath(path, null)) });
        var result = (await run.WaitAsync(Checks.Patience, TestContext.Current.CancellationToken)).Result;
        Assert.Equal(Outcome.Error, result.Outcome);
        Assert.Contains(message, result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain; charset=iso-8859-1", "gr\u00fcn")]
    [InlineData("text/plain; charset=\"latin1\"", "gr\u00fcn")]
    [InlineData("text/plain; charset=nonsense", "gr")]
    [InlineData("not a media type", "gr")]
    public async Task Check_BodyInOtherCharset_IsDecoded(string type, string text)
    {
        await using var server = RawServer.Answering($"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: 4\r\n\r\ngr\u00fcn");
        var expect = Body(new BodyContains(text), new BodyMatches(text));
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url, Expect = expect })).Result;
        Assert.Equal((Outcome.Ok, null), (result.Outcome, result.Message));
    }
}
