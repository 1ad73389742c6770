using System.Net.Sockets;
using Grpc.Core;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Tests.Api;
using Microsoft.Extensions.DependencyInjection;
using Wire = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Engine.Tests.Dispatch;

/// <summary>Workers as they should not be: each is told in a sentence, counted, and harms nobody.</summary>
public sealed class HostileWorkerTests
{
    private const string Token = "a-token-of-the-workers";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_TokenFile_LetsInWhoShowsItAndNobodyElse()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("token"), Token, Cancel);
        await using var host = await LinkTests.HostAsync(configure: o => o with { LinkTokenFile = folder.File("token") });
        await using var good = await WireWorker.ConnectAsync(host, token: Token);
        await using var wrong = await WireWorker.ConnectAsync(host, "w2", token: "a-token-of-somebody-else");
        await using var none = await WireWorker.ConnectAsync(host, "w3");

        Assert.Equal(StatusCode.Unauthenticated, (await wrong.EndsAsync()).StatusCode);
        Assert.Equal(StatusCode.Unauthenticated, (await none.EndsAsync()).StatusCode);
        await RefusedAsync(host, "wrong_token", "no_token");
        Assert.False(good.Ended.IsCompleted);
    }

    [Fact]
    public async Task Connect_CredentialEnds_EndsTheStream()
    {
        await using var host = await LinkTests.HostAsync(services => services.AddSingleton<IWorkerAuthority>(new Authority()));
        await using var brief = await WireWorker.ConnectAsync(host);
        await using var foreign = await WireWorker.ConnectAsync(host, "w2", "far");

        Assert.Equal(StatusCode.Unauthenticated, (await brief.EndsAsync()).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await foreign.EndsAsync()).StatusCode);
        await RefusedAsync(host, "token_ended", "foreign_pool");
    }

    [Fact]
    public async Task Connect_CredentialIsTakenBack_EndsTheStreamOnceSomebodyCanTell()
    {
        var authority = new Revoking();
        await using var host = await LinkTests.HostAsync(services => services.AddSingleton<IWorkerAuthority>(authority));
        await using var worker = await WireWorker.ConnectAsync(host);
        await Eventually.True(() => authority.Asked > 1, "let in, and looked at again", Cancel);
        authority.Away = true;
        var asked = authority.Asked;
        await Eventually.True(() => authority.Asked > asked + 3, "looked at again", Cancel);
        Assert.False(worker.Ended.IsCompleted);

        (authority.Revoked, authority.Away) = (true, false);
        Assert.Equal(StatusCode.Unauthenticated, (await worker.EndsAsync()).StatusCode);
        await RefusedAsync(host, "no_token");
    }

    [Fact]
    public async Task Connect_BreakingTheRules_IsRefusedWithASentence()
    {
        await using var host = await LinkTests.HostAsync();
        await using var old = await WireWorker.ConnectAsync(host, "old", protocol: 0);
        await using var newer = await WireWorker.ConnectAsync(host, "newer", protocol: 7);
        await using var twice = await WireWorker.ConnectAsync(host, "twice");
        await twice.SendAsync(LinkCodec.Write(new WorkerHello("twice", "default", "1")));
        await using var rude = WireWorker.Silent(host);
        await rude.SendAsync(new WorkerLeaving("no hello"));
        await using var silent = WireWorker.Silent(host);
        await using var thief = await WireWorker.ConnectAsync(host, "newer", "far");

        var tooOld = await old.EndsAsync();
        Assert.Equal(StatusCode.FailedPrecondition, tooOld.StatusCode);
        Assert.Contains("protocol 0", tooOld.Detail, StringComparison.Ordinal);
        Assert.Equal(StatusCode.InvalidArgument, (await twice.EndsAsync()).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await rude.EndsAsync()).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await silent.EndsAsync()).StatusCode);
        Assert.Equal(StatusCode.PermissionDenied, (await thief.EndsAsync()).StatusCode);
        Assert.False(newer.Ended.IsCompleted);
        await RefusedAsync(host, "protocol_too_old", "broken_message", "no_hello", "id_in_use");
    }

    [Fact]
    public async Task Connect_TheSameWorkerAgain_ReplacesTheFirst()
    {
        await using var host = await LinkTests.HostAsync();
        await host.DeclareAsync("api");
        await using var first = await WireWorker.ConnectAsync(host);
        await Eventually.True(() => first.Assignments.Count == 1, "assigned", Cancel);
        await using var second = await WireWorker.ConnectAsync(host);
        Assert.Equal(StatusCode.Aborted, (await first.EndsAsync()).StatusCode);
        await Eventually.True(() => second.Assignments.Count == 1, "the second has it", Cancel);
    }

    [Fact]
    public async Task Results_OfMonitorsThatItDoesNotHave_AreAcknowledgedRefusedAndCounted()
    {
        await using var host = await LinkTests.HostAsync();
        for (var i = 0; i < 20; i++)
            await host.DeclareAsync($"m{i}");
        await using var other = await WireWorker.ConnectAsync(host, "w2");
        await Eventually.True(() => other.Assignments.Count == 20, "the other has all", Cancel);
        await using var worker = await WireWorker.ConnectAsync(host);
        await Eventually.True(() => worker.Assignments.Count > 0 && other.Assignments.Count + worker.Assignments.Count == 20, "shared out", Cancel);

        var foreign = host.Fleet.All.First(s => other.Assignments.Keys.Any(id => id.Uid == s.Stored.Uid));
        // Due after it was told what it has: nobody else can have given it more.
        var result = EngineHost.Result(foreign, host.Now + 10_000);
        await worker.SendAsync(new ResultBatch(9, [result, result with { Location = "far" }]));
        await worker.SendAsync(new ResultBatch(3, []));

        await Eventually.True(() => worker.Acknowledged == 9, "acknowledged", Cancel);
        Assert.Null(foreign.Snapshot(host.Now).Last);
        var metrics = await host.Client.GetStringAsync("/metrics", Cancel);
        Assert.Contains("healthtrack_results_refused_total{reason=\"not_assigned\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("healthtrack_results_refused_total{reason=\"foreign_location\"} 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_TooLargeOrBroken_EndThatStreamAlone()
    {
        await using var host = await LinkTests.HostAsync();
        var state = await host.DeclareAsync("api");
        await using var good = await WireWorker.ConnectAsync(host);
        await using var large = await WireWorker.ConnectAsync(host, "large");
        await large.SendAsync(new Wire.WorkerMessage { Leaving = new() { Reason = new string('x', LinkLimits.WorkerMessageBytes) } });
        await using var broken = await WireWorker.ConnectAsync(host, "broken");
        await broken.SendAsync(new Wire.WorkerMessage { Results = new() { Results_ = { new Wire.Result { Uid = "u", Location = "l", Outcome = 99 } } } });

        Assert.Equal(StatusCode.ResourceExhausted, (await large.EndsAsync()).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, (await broken.EndsAsync()).StatusCode);
        await RefusedAsync(host, "message_too_large", "broken_message");
        await good.SendAsync(new ResultBatch(1, [EngineHost.Result(state, host.Now)]));
        await Eventually.True(() => good.Acknowledged == 1, "the good one goes on", Cancel);
    }

    // What a worker has after ten minutes without a control plane, sent as fast as it goes; and one that talks as much of nothing.
    [Fact]
    public async Task Messages_ThousandsInASecond_AreForResultsAlone()
    {
        await using var host = await LinkTests.HostAsync();
        var state = await host.DeclareAsync("api");
        await using var returned = await WireWorker.ConnectAsync(host);
        await using var talker = await WireWorker.ConnectAsync(host, "talker");
        for (var i = 1; i <= 5000; i++)
            await returned.SendAsync(new ResultBatch(i, [EngineHost.Result(state, host.Now - 600_000 + i)]));
        for (var i = 0; i < 20_000 && !talker.Ended.IsCompleted; i++)
            await talker.SendAsync(new AssignmentsApplied(0, []));

        await Eventually.True(() => returned.Acknowledged == 5000, "all is stored", Cancel);
        Assert.False(returned.Ended.IsCompleted);
        Assert.Equal(StatusCode.ResourceExhausted, (await talker.EndsAsync()).StatusCode);
        await RefusedAsync(host, "too_many_messages");
    }

    [Fact]
    public async Task Connect_HeaderLargerThanAnyToken_IsRefusedBeforeItIsRead()
    {
        await using var host = await LinkTests.HostAsync();
        await using var large = await WireWorker.ConnectAsync(host, token: new string('x', 20_000));
        Assert.NotEqual(StatusCode.OK, (await large.EndsAsync()).StatusCode);
        Assert.Empty(host.App.Services.GetRequiredService<Dispatcher>().Sessions);
    }

    [Fact]
    public async Task Socket_GarbageOnIt_HarmsNobody()
    {
        await using var host = await LinkTests.HostAsync();
        var address = new Uri(WireWorker.AddressOf(host));
        var random = new Random(7);
        foreach (var start in (byte[][])[[], "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), "GET / HTTP/1.1\r\n\r\n"u8.ToArray()])
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(address.Host, address.Port, Cancel);
            var noise = new byte[64 * 1024];
            random.NextBytes(noise);
            try
            {
                await socket.GetStream().WriteAsync(start, Cancel);
                await socket.GetStream().WriteAsync(noise, Cancel);
                while (await socket.GetStream().ReadAsync(noise, Cancel) > 0)
                {
                }
            }
            catch (IOException)
            {
            }
        }
        await host.DeclareAsync("api");
        await using var worker = await WireWorker.ConnectAsync(host);
        await Eventually.True(() => worker.Assignments.Count == 1, "the link goes on", Cancel);
    }

    private static async Task RefusedAsync(EngineHost host, params string[] reasons)
    {
        foreach (var reason in reasons)
        {
            var metrics = await host.Client.GetStringAsync("/metrics", Cancel);
            Assert.Contains($"healthtrack_worker_refusals_total{{reason=\"{reason}\"}}", metrics, StringComparison.Ordinal);
        }
    }

    private sealed class Revoking : IWorkerAuthority
    {
        private int _asked;

        public bool Revoked { get; set; }

        public bool Away { get; set; }

        public int Asked => Volatile.Read(ref _asked);

        public TimeSpan LooksAgainEvery => TimeSpan.FromMilliseconds(50);

        public ValueTask<WorkerAdmission> AdmitAsync(string? token, string pool, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            if (Away)
                throw new WorkerAuthorityUnavailableException("Nobody can tell.");
            return new(Revoked ? new WorkerAdmission("It was taken back.", false) : WorkerAdmission.Welcome());
        }
    }

    private sealed class Authority : IWorkerAuthority
    {
        public ValueTask<WorkerAdmission> AdmitAsync(string? token, string pool, CancellationToken cancellationToken) => new(pool == "default"
            ? WorkerAdmission.Welcome(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() + 500)
            : new WorkerAdmission("Not of this pool.", true));
    }
}
