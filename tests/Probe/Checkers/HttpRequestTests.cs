using System.Text;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>What a check sends: the request itself, credentials, and where redirects take them.</summary>
public sealed class HttpRequestTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly SecretRef Token = new("auth", "token");
    private static readonly SecretRef User = new("auth", "user");
    private static readonly SecretRef Password = new("auth", "password");

    private static RawServer Redirecting(int status, Func<string, string?> location) => new((stream, request, token) =>
    {
        var to = location(request.Split(' ')[1]);
        return stream.WriteAsync(Encoding.UTF8.GetBytes(
            to is null ? Ok : $"HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 4\r\n\r\nmove"), token).AsTask();
    });

    [Fact]
    public async Task Check_PlainGet_SendsOneRequestWithDefaults()
    {
        await using var server = RawServer.Answering(Ok);
        await Checks.RunAsync(new HttpCheck { Url = new Uri($"http://127.0.0.1:{server.Port}/a%20b?q=1&r=%C3%BC#part") });
        var request = Assert.Single(server.Requests);
        Assert.Equal(
            $"GET /a%20b?q=1&r=%C3%BC HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\nUser-Agent: HealthTrack/0.1.0\r\nAccept: */*\r\n"
            + "Accept-Encoding: identity\r\nConnection: close\r\n\r\n",
            request);
    }

    [Fact]
    public async Task Check_HeadersBodyAndMethod_AreSent()
    {
        await using var server = RawServer.Answering(Ok);
        var secret = new SecretRef("keys", "api");
        var check = new HttpCheck
        {
            Url = server.Url,
            Method = "PUT",
            Body = "grün",
            Headers =
            [
                new HttpHeader("Host", new ValueOrSecret("shop.example", null)),
                new HttpHeader("user-agent", new ValueOrSecret("mine", null)),
                new HttpHeader("Content-Length", new ValueOrSecret("999", null)),
                new HttpHeader("X-Key", new ValueOrSecret(null, secret)),
            ],
        };
        var result = await Checks.Checker().RunAsync(Checks.Assignment(check, null, (secret, "k3y-value\n")));
        Assert.Equal(Outcome.Ok, result.Result.Outcome);
        var request = Assert.Single(server.Requests);
        Assert.StartsWith("PUT / HTTP/1.1\r\nHost: shop.example\r\nuser-agent: mine\r\nX-Key: k3y-value\r\n", request, StringComparison.Ordinal);
        Assert.EndsWith("Content-Length: 5\r\nConnection: close\r\n\r\ngrün", request, StringComparison.Ordinal);
        Assert.DoesNotContain("999", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Auth_IsSent()
    {
        await using var server = RawServer.Answering(Ok);
        var checker = Checks.Checker();
        var basic = new HttpCheck { Url = server.Url, Auth = new BasicAuth(User, Password) };
        await checker.RunAsync(Checks.Assignment(basic, null, (User, "ann"), (Password, "p:w d\n")));
        await checker.RunAsync(Checks.Assignment(new HttpCheck { Url = server.Url, Auth = new BearerAuth(Token) }, null, (Token, "t0ken\n")));
        await checker.RunAsync(Checks.Assignment(new HttpCheck { Url = new Uri($"http://bob:b%40b@127.0.0.1:{server.Port}/") }));
        var sent = server.Requests.Select(r => r.Split("\r\n").Single(l => l.StartsWith("Authorization: ", StringComparison.Ordinal))[15..]).ToArray();
        Assert.Equal(["Basic " + B64("ann:p:w d"), "Bearer t0ken", "Basic " + B64("bob:b@b")], sent);
        Assert.All(server.Requests, r => Assert.DoesNotContain("bob:", r.Split("\r\n\r\n")[0].Split("Authorization")[0], StringComparison.Ordinal));

        static string B64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task Check_MissingOrUnusableSecret_DownWithItsNameAndNothingSent()
    {
        await using var server = RawServer.Answering(Ok);
        var missing = await Checks.RunAsync(new HttpCheck { Url = server.Url, Auth = new BearerAuth(Token) });
        Assert.Equal((Outcome.Down, "secret auth/token is missing"), (missing.Result.Outcome, missing.Result.Message));
        var broken = await Checks.Checker().RunAsync(Checks.Assignment(
            new HttpCheck { Url = server.Url, Auth = new BearerAuth(Token) }, null, (Token, "line\r\nX-Evil: 1")));
        Assert.Equal((Outcome.Down, "the value of header Authorization holds a line break"), (broken.Result.Outcome, broken.Result.Message));
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(301, "POST", "GET", false)]
    [InlineData(302, "POST", "GET", false)]
    [InlineData(303, "POST", "GET", false)]
    [InlineData(303, "PUT", "GET", false)]
    [InlineData(303, "HEAD", "HEAD", false)]
    [InlineData(301, "PUT", "PUT", true)]
    [InlineData(302, "HEAD", "HEAD", false)]
    [InlineData(307, "POST", "POST", true)]
    [InlineData(308, "POST", "POST", true)]
    public async Task Check_Redirect_MethodAndBodyByRfc9110(int status, string method, string then, bool keepsBody)
    {
        await using var server = Redirecting(status, path => path == "/" ? "next?x=1" : null);
        var check = new HttpCheck
        {
            Url = server.Url,
            Method = method,
            Body = method == "HEAD" ? "" : "form=1",
            Headers = [new HttpHeader("Content-Type", new ValueOrSecret("text/x-form", null))],
        };
        var explained = await Checks.RunAsync(check);
        Assert.Equal((Outcome.Ok, 200), (explained.Result.Outcome, explained.Result.StatusCode));
        Assert.Equal([$"http://127.0.0.1:{server.Port}/next?x=1"], explained.Redirects);
        var second = server.Requests.Last();
        Assert.StartsWith($"{then} /next?x=1 HTTP/1.1\r\n", second, StringComparison.Ordinal);
        Assert.Equal(keepsBody, second.EndsWith("\r\n\r\nform=1", StringComparison.Ordinal));
        Assert.Equal(then == method, second.Contains("Content-Type", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_RedirectToOtherOrigin_DropsSecretsAndKeepsTheRest()
    {
        await using var other = RawServer.Answering(Ok);
        await using var server = Redirecting(307, path => path == "/" ? "/same" : $"http://127.0.0.1:{other.Port}/there");
        var key = new SecretRef("keys", "api");
        var check = new HttpCheck
        {
            Url = server.Url,
            Auth = new BearerAuth(Token),
            Headers =
            [
                new HttpHeader("X-Key", new ValueOrSecret(null, key)),
                new HttpHeader("Cookie", new ValueOrSecret("session=1", null)),
                new HttpHeader("Host", new ValueOrSecret("virtual.example", null)),
                new HttpHeader("X-Plain", new ValueOrSecret("yes", null)),
            ],
        };
        var result = await Checks.Checker().RunAsync(Checks.Assignment(check, null, (Token, "t0ken"), (key, "k3y-value")));
        Assert.Equal(Outcome.Ok, result.Result.Outcome);
        Assert.All(server.Requests, request =>
        {
            foreach (var kept in new[] { "Bearer t0ken", "k3y-value", "session=1", "virtual.example", "X-Plain: yes" })
                Assert.Contains(kept, request, StringComparison.Ordinal);
        });
        var arrived = Assert.Single(other.Requests);
        Assert.Contains("X-Plain: yes", arrived, StringComparison.Ordinal);
        Assert.Contains($"Host: 127.0.0.1:{other.Port}\r\n", arrived, StringComparison.Ordinal);
        foreach (var dropped in new[] { "t0ken", "k3y-value", "session=1", "virtual.example" })
            Assert.DoesNotContain(dropped, arrived, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_RedirectLoop_Error()
    {
        await using var server = Redirecting(302, path => path == "/" ? "/b" : "/");
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url })).Result;
        Assert.Equal((Outcome.Error, 302), (result.Outcome, result.StatusCode));
        Assert.StartsWith("redirect: a loop", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, Outcome.Ok)]
    [InlineData(11, Outcome.Error)]
    public async Task Check_ManyRedirects_TenAreFollowed(int redirects, Outcome outcome)
    {
        await using var server = Redirecting(302, path => path == "/" ? "/1" : path == $"/{redirects}" ? null : $"/{int.Parse(path[1..], null) + 1}");
        var explained = await Checks.RunAsync(new HttpCheck { Url = server.Url });
        Assert.Equal(outcome, explained.Result.Outcome);
        Assert.Equal(10, explained.Redirects.Count);
        if (outcome == Outcome.Error)
            Assert.Equal("redirect: more than 10 redirects", explained.Result.Message);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/x", "redirect: to ftp: is refused; only http and https are followed")]
    [InlineData("file:///etc/passwd", "redirect: to file: is refused; only http and https are followed")]
    [InlineData("http://[bad", "redirect: \"http://[bad\" is no URL")]
    public async Task Check_RedirectElsewhere_Refused(string location, string message)
    {
        await using var server = Redirecting(302, _ => location);
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url })).Result;
        Assert.Equal((Outcome.Error, message), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task Check_RedirectNotFollowed_IsTheAnswer()
    {
        await using var server = Redirecting(302, _ => "/b");
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url, FollowRedirects = false })).Result;
        Assert.Equal((Outcome.Ok, 302), (result.Outcome, result.StatusCode));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Check_RedirectToDeniedAddress_RefusedAtTheHop()
    {
        await using var server = Redirecting(302, _ => "http://127.9.9.9/");
        var checker = Checks.Checker(new HealthTrack.Probe.Checkers.Net.EgressPolicy(false, [], Checks.Ranges("127.9.0.0/16")));
        var result = (await checker.RunAsync(Checks.Assignment(new HttpCheck { Url = server.Url }))).Result;
        Assert.Equal((Outcome.Down, "egress: 127.9.9.9 is refused (in the denied range 127.9.0.0/16)"), (result.Outcome, result.Message));
    }

    [Fact]
    public async Task Check_TimeLimit_CoversAllRedirects()
    {
        await using var server = new RawServer(async (stream, request, token) =>
        {
            var at = int.Parse("0" + request.Split(' ')[1][1..], null);
            await Task.Delay(60, token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 302 Moved\r\nLocation: /{at + 1}\r\n\r\n"), token);
        });
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url }, TimeSpan.FromMilliseconds(200))).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.StartsWith("no whole answer within 0.2 s", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_EchoedSecret_IsInNoMessage()
    {
        await using var server = new RawServer((stream, request, token) => stream.WriteAsync(
            Encoding.UTF8.GetBytes($"HTTP/1.1 302 Moved\r\nX-Echo: {request.Split("Bearer ")[1].Split('\r')[0]}\r\nLocation: /?t=t0ken-value\r\n\r\n"), token).AsTask());
        var check = new HttpCheck
        {
            Url = server.Url,
            Auth = new BearerAuth(Token),
            FollowRedirects = false,
            Expect = new HttpExpectations { Headers = [new HeaderExpectation("X-Echo", "other", null)] },
        };
        var refused = await Checks.Checker().RunAsync(Checks.Assignment(check, null, (Token, "t0ken-value")));
        Assert.Contains("***", refused.Result.Message, StringComparison.Ordinal);
        var looped = await Checks.Checker().RunAsync(Checks.Assignment(check with { FollowRedirects = true }, null, (Token, "t0ken-value")));
        foreach (var explained in new[] { refused, looped })
            Assert.DoesNotContain("t0ken-value", string.Join('|', [explained.Result.Message, .. explained.Redirects, .. explained.Expectations.Select(e => e.ToString())]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nX-Evil: 1\r\n\r\nGET")]
    [InlineData("G T")]
    [InlineData("")]
    public async Task Check_MethodThatIsNone_NothingIsSent(string method)
    {
        await using var server = RawServer.Answering(Ok);
        var result = (await Checks.RunAsync(new HttpCheck { Url = server.Url, Method = method })).Result;
        Assert.Equal(Outcome.Down, result.Outcome);
        Assert.EndsWith("is no request method", result.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Check_TwiceOnOneAssignment_FreshConnections()
    {
        await using var server = RawServer.Answering(Ok);
        var checker = Checks.Checker();
        var assignment = Checks.Assignment(new HttpCheck { Url = server.Url });
        for (var i = 0; i < 3; i++)
            Assert.True((await checker.RunAsync(assignment)).Result.Phases.Connect > 0);
        Assert.Equal(3, server.Requests.Count);
    }
}
