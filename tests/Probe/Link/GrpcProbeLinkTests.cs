using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Checkers.Net;
using HealthTrack.Probe.Link;
using HealthTrack.Probe.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Proto = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Probe.Tests.Link;

/// <summary>The link's client against real gRPC servers, and against what is none.</summary>
public sealed class GrpcProbeLinkTests : IDisposable
{
    private static readonly IPAddress First = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");
    private static readonly Status Standby = new(StatusCode.Unavailable, "another process leads");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthtrack-link-");

    public void Dispose() => folder.Delete(recursive: true);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Write(string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private GrpcProbeLink Link(string address, Func<LinkOptions, LinkOptions>? configure = null)
    {
        var options = new LinkOptions { Operators = [OperatorAddress.TryParse(address)!] };
        var resolver = new NameResolver(Write("hosts", "127.0.0.1 operators\n127.0.0.2 operators\n"), Path.Combine(folder.FullName, "no-resolv.conf"));
        return new GrpcProbeLink(configure?.Invoke(options) ?? options, resolver, TimeProvider.System, NullLogger<GrpcProbeLink>.Instance);
    }

    private static WorkerHello Hello => new("worker-1", "east", "9.9.9") { LastSequence = 41, Capacity = 3 };

    private static async Task<ControlMessage?> NextAsync(IProbeConnection connection)
    {
        await foreach (var message in connection.ReadAllAsync(Token))
            return message;
        return null;
    }

    private static async Task<string> FailureAsync(GrpcProbeLink link) =>
        (await Assert.ThrowsAnyAsync<IOException>(() => link.ConnectAsync(Hello, Token).WaitAsync(Checks.Patience, Token))).Message;

    [Fact]
    public async Task Connect_Leader_HelloWithTokenArrivesAndMessagesFlowBothWays()
    {
        await using var leader = await TestOperator.StartAsync();
        var file = Write("token", "first\n");
        var link = Link($"127.0.0.1:{leader.Port}", o => o with { TokenFile = file });
        await using (var connection = await link.ConnectAsync(Hello, Token))
        {
            await using var messages = connection.ReadAllAsync(Token).GetAsyncEnumerator(Token);
            Assert.True(await messages.MoveNextAsync());
            Assert.Equal(1, Assert.IsType<AssignmentsChanged>(messages.Current).Revision);
            await connection.SendAsync(Spooling.ResultSpoolTests.Batch(42), Token);
            Assert.True(await messages.MoveNextAsync());
            Assert.Equal(new ResultsAcknowledged(42), messages.Current);
        }
        Assert.Equal(Hello, leader.Hellos.Single());
        Assert.Equal(Spooling.ResultSpoolTests.Batch(42).Results, leader.Batches.Single().Results);

        await File.WriteAllTextAsync(file, "second", Token);
        await using (await link.ConnectAsync(Hello, Token))
            Assert.Equal(["Bearer first", "Bearer second"], leader.Tokens);
    }

    [Fact]
    public async Task Connect_FirstAddressIsStandby_LeaderAtTheSecondIsFoundInTheSameRound()
    {
        await using var standby = await TestOperator.StartAsync(First, 0, null, o => o.Refusal = Standby);
        await using var leader = await TestOperator.StartAsync(Second, standby.Port);
        await using (await Link($"http://operators:{standby.Port}").ConnectAsync(Hello, Token))
            Assert.Single(leader.Hellos);
        Assert.Equal(1, standby.Attempts);
    }

    [Fact]
    public async Task Connect_NobodyAtTheFirstAddress_SecondIsTried()
    {
        await using var leader = await TestOperator.StartAsync(Second);
        await using (await Link($"http://operators:{leader.Port}").ConnectAsync(Hello, Token))
            Assert.Single(leader.Hellos);
    }

    [Fact]
    public async Task Connect_OnlyStandbys_SaysSoOfEach()
    {
        await using var one = await TestOperator.StartAsync(First, 0, null, o => o.Refusal = Standby);
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => Link($"http://operators:{one.Port}").ConnectAsync(Hello, Token));
        Assert.IsNotType<LinkRefusedException>(failure);
        Assert.Contains($"127.0.0.1:{one.Port}: another process leads", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.2:{one.Port}: connection refused", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StatusCode.Unauthenticated)]
    [InlineData(StatusCode.PermissionDenied)]
    [InlineData(StatusCode.FailedPrecondition)]
    public async Task Connect_Refused_IsTheServersSentence(StatusCode code)
    {
        await using var server = await TestOperator.StartAsync(null, 0, null, o => o.Refusal = new Status(code, "this token is of pool west, not east"));
        var refused = await Assert.ThrowsAsync<LinkRefusedException>(() => Link($"127.0.0.1:{server.Port}").ConnectAsync(Hello, Token));
        Assert.Equal("this token is of pool west, not east", refused.Message);
    }

    [Fact]
    public async Task Connect_NameWithoutAddress_Says() =>
        Assert.Contains("DNS", await FailureAsync(Link("http://no-such-host.invalid.:8001", o => o with { ConnectTimeout = TimeSpan.FromSeconds(1) })), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\u0007bell")]
    public async Task Connect_TokenFileIsNone_SaysSoWithoutItsContent(string content)
    {
        var file = Write("token", content);
        var said = await FailureAsync(Link("127.0.0.1:9", o => o with { TokenFile = file }));
        Assert.Contains("token file", said, StringComparison.Ordinal);
        Assert.True(content.Length == 0 || !said.Contains(content, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connect_WhatIsNoGrpc_IsAFailureInWords()
    {
        await using var web = await WebServer.StartAsync(context => context.Response.WriteAsync("<html>hello</html>", Token));
        Assert.NotEmpty(await FailureAsync(Link($"127.0.0.1:{web.Port}")));
    }

    [Fact]
    public async Task Read_LineThatGoesSilent_IsGoneWithinThePings()
    {
        await using var leader = await TestOperator.StartAsync();
        await using var proxy = new SilentProxy(leader.Port);
        var link = Link($"127.0.0.1:{proxy.Port}", o => o with { PingAfter = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(1) });
        await using var connection = await link.ConnectAsync(Hello, Token);
        await using var messages = connection.ReadAllAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await messages.MoveNextAsync());
        proxy.GoSilent();
        await Assert.ThrowsAnyAsync<IOException>(() => messages.MoveNextAsync().AsTask().WaitAsync(Checks.Patience, Token));
    }

    [Fact]
    public async Task Connect_SilentFirstAddress_IsTriedLastTheNextTime()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(First, 0));
        silent.Listen();
        await using var leader = await TestOperator.StartAsync(Second, ((IPEndPoint)silent.LocalEndPoint!).Port);
        var link = Link($"http://operators:{leader.Port}", o => o with
        {
            HelloTimeout = TimeSpan.FromMilliseconds(200), PingAfter = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(1),
        });
        await using (var dead = await link.ConnectAsync(Hello, Token))
            await Assert.ThrowsAnyAsync<IOException>(() => NextAsync(dead).WaitAsync(Checks.Patience, Token));
        await using (await link.ConnectAsync(Hello, Token))
            await Checks.UntilAsync(() => leader.Hellos.Count == 1, "the hello at the second address");
    }

    [Fact]
    public async Task Read_ManifestThatCannotBeChecked_IsRefusedInTheAnswer()
    {
        var greeting = new Proto.ControlMessage
        {
            Assignments = new Proto.Assignments
            {
                Revision = 5,
                Full = true,
                Upserts = { new Proto.Assignment { Uid = "u", Namespace = "n", Name = "m", Generation = 1, Location = "east", Manifest = "{{{" } },
            },
        };
        await using var leader = await TestOperator.StartAsync(null, 0, null, o => o.Greeting = greeting);
        await using var connection = await Link($"127.0.0.1:{leader.Port}").ConnectAsync(Hello, Token);
        await using var messages = connection.ReadAllAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await messages.MoveNextAsync());
        Assert.Empty(Assert.IsType<AssignmentsChanged>(messages.Current).Upserts);
        await connection.SendAsync(new AssignmentsApplied(5, []), Token);
        await Checks.UntilAsync(() => !leader.Applied.IsEmpty, "the answer");
        Assert.Equal("u", Assert.Single(leader.Applied.Single().Refused).Id.Uid);
    }

    [Theory]
    [InlineData("000000000AFFFFFFFFFFFFFFFFFFFF")] // A frame that holds no message.
    [InlineData("00FFFFFFFF00")] // One of 4 GiB.
    [InlineData("0700000001FF")] // Flags that do not exist.
    [InlineData("0000")] // An end within a frame.
    public async Task Read_FramesThatAreGarbage_AreAnIOException(string bytes)
    {
        await using var server = await WebServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(Convert.FromHexString(bytes), Token);
        }, HttpProtocols.Http2);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using var connection = await Link($"127.0.0.1:{server.Port}").ConnectAsync(Hello, Token).WaitAsync(Checks.Patience, Token);
            while (await NextAsync(connection).WaitAsync(Checks.Patience, Token) is not null)
            {
            }
            throw new IOException("ended");
        });
    }

    [Fact]
    public async Task Read_MessageThatMakesNoSense_IsAnIOException()
    {
        var greeting = new Proto.ControlMessage { RunNow = new Proto.RunNow { DueMs = -5 } };
        await using var leader = await TestOperator.StartAsync(null, 0, null, o => o.Greeting = greeting);
        await using var connection = await Link($"127.0.0.1:{leader.Port}").ConnectAsync(Hello, Token);
        await Assert.ThrowsAnyAsync<IOException>(() => NextAsync(connection));
    }

    [Fact]
    public async Task Connect_TlsOfAPrivateAuthority_NeedsItsRoot()
    {
        using var authority = new Authority();
        using var certificate = authority.Issue("127.0.0.1");
        await using var leader = await TestOperator.StartAsync(null, 0, certificate);
        var address = $"https://127.0.0.1:{leader.Port}";
        await using (await Link(address, o => o with { CaFile = Write("ca.pem", authority.Pem) }).ConnectAsync(Hello, Token))
            Assert.Single(leader.Hellos);
        Assert.Contains("TLS", await FailureAsync(Link(address)), StringComparison.Ordinal);
        using var other = new Authority("Other");
        Assert.Contains("TLS", await FailureAsync(Link(address, o => o with { CaFile = Write("other.pem", other.Pem) })), StringComparison.Ordinal);
        Assert.Contains("certificate", await FailureAsync(Link(address, o => o with { CaFile = Write("none.pem", "nothing") })), StringComparison.Ordinal);
        Assert.Single(leader.Hellos);
    }

    [Theory]
    [InlineData("operator", "https://operator:8001")]
    [InlineData("operator:9", "https://operator:9")]
    [InlineData("operator:443", "https://operator")]
    [InlineData("http://operator", "http://operator:8001")]
    [InlineData("http://operator:80", "http://operator")]
    [InlineData("127.0.0.1:8001", "http://127.0.0.1:8001")]
    [InlineData("https://127.0.0.1:8001", "https://127.0.0.1:8001")]
    [InlineData("[::1]:8001", "http://[::1]:8001")]
    [InlineData("localhost", "http://localhost:8001")]
    [InlineData("", null)]
    [InlineData("operator:x", null)]
    [InlineData("ftp://operator", null)]
    [InlineData("https://user@operator", null)]
    [InlineData("https://operator/path", null)]
    public void OperatorAddress_Text_IsRead(string text, string? expected) => Assert.Equal(expected, OperatorAddress.TryParse(text)?.ToString());
}
