using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Grpc.Core;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Proto = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Probe.Tests.Support;

/// <summary>An operator's end of the link, over real gRPC, that does what the test says.</summary>
internal sealed class TestOperator : Proto.ProbeLink.ProbeLinkBase, IAsyncDisposable
{
    private readonly WebApplication app;

    private TestOperator(IPAddress address, int port, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(address, port, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
                endpoint.UseHttps(certificate);
        }));
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        app = builder.Build();
        app.MapGrpcService<TestOperator>();
    }

    public int Port { get; private set; }

    /// <summary>What a worker is refused with; null: this operator leads.</summary>
    public Status? Refusal { get; set; }

    /// <summary>Said to each worker first.</summary>
    public IReadOnlyList<Assignment> Assignments { get; set; } = [];

    /// <summary>Batches are acknowledged as they come.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>How long it takes to give a leaving worker's monitors to others.</summary>
    public TimeSpan HandOver { get; set; }

    /// <summary>Instead of a greeting.</summary>
    public Proto.ControlMessage? Greeting { get; set; }

    public int Attempts;
    public ConcurrentQueue<WorkerHello> Hellos { get; } = new();
    public ConcurrentQueue<string?> Tokens { get; } = new();
    public ConcurrentQueue<ResultBatch> Batches { get; } = new();
    public ConcurrentQueue<AssignmentsApplied> Applied { get; } = new();
    public ConcurrentQueue<WorkerLeaving> Leavings { get; } = new();

    public IEnumerable<CheckResult> Results => Batches.SelectMany(b => b.Results);

    public static async Task<TestOperator> StartAsync(
        IPAddress? address = null, int port = 0, X509Certificate2? certificate = null, Action<TestOperator>? configure = null)
    {
        var started = new TestOperator(address ?? IPAddress.Loopback, port, certificate);
        configure?.Invoke(started);
        await started.app.StartAsync(TestContext.Current.CancellationToken);
        started.Port = new Uri(started.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return started;
    }

    public override async Task Connect(
        IAsyncStreamReader<Proto.WorkerMessage> requestStream, IServerStreamWriter<Proto.ControlMessage> responseStream, ServerCallContext context)
    {
        Interlocked.Increment(ref Attempts);
        Tokens.Enqueue(context.RequestHeaders.GetValue("authorization"));
        if (Refusal is { } refusal)
            throw new RpcException(refusal);
        Assert.True(await requestStream.MoveNext());
        var hello = LinkCodec.ReadHello(requestStream.Current);
        Hellos.Enqueue(hello);
        var outgoing = Channel.CreateUnbounded<Proto.ControlMessage>();
        void Say(ControlMessage message)
        {
            foreach (var part in LinkCodec.Write(message))
                outgoing.Writer.TryWrite(part);
        }
        if (Greeting is not null)
            outgoing.Writer.TryWrite(Greeting);
        else
            Say(new AssignmentsChanged(1, true, Assignments, []));
        async Task DrainAsync()
        {
            await Task.Delay(HandOver, TimeProvider.System, context.CancellationToken);
            Say(new Drain("handed over"));
        }
        var writing = Task.Run(async () =>
        {
            await foreach (var message in outgoing.Reader.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(message);
        });
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            switch (LinkCodec.Read(requestStream.Current, hello.WorkerId))
            {
                case ResultBatch batch:
                    Batches.Enqueue(batch);
                    if (Acknowledges)
                        Say(new ResultsAcknowledged(batch.Sequence));
                    break;
                case AssignmentsApplied applied:
                    Applied.Enqueue(applied);
                    break;
                case WorkerLeaving leaving:
                    Leavings.Enqueue(leaving);
                    _ = DrainAsync();
                    break;
            }
        }
        outgoing.Writer.TryComplete();
        await writing;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        // Streams that are open are cut.
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
    }
}
