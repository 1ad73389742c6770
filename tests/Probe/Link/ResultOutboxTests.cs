using System.Diagnostics.Metrics;
using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Link;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Probe.Tests.Link;

public sealed class ResultOutboxTests : IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ProbeMetrics metrics;

    public ResultOutboxTests() => metrics = new ProbeMetrics(services.GetRequiredService<IMeterFactory>());

    public void Dispose()
    {
        metrics.Dispose();
        services.Dispose();
    }

    private ResultOutbox Outbox(int capacity = 200_000) => new(capacity, null, metrics, NullLogger<ResultOutbox>.Instance);

    private static CheckResult Result(long due) => new()
    {
        Uid = "u", Location = "l", Generation = 1, DueTime = due, StartedAt = due, Outcome = Outcome.Ok, LatencyMicros = 1, CountsInLatency = true,
    };

    /// <summary>Any order of adding, sending, losing the line and (also late or wild) acknowledgements, against a receiver that stores what it is sent.</summary>
    [Fact]
    public void Outbox_AnyHistory_EachResultIsStoredAndEachNumberKeepsItsContent()
    {
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 2500]).Array[1, 80].Sample(steps =>
        {
            var outbox = Outbox();
            var stored = new Dictionary<long, ResultBatch>();
            long due = 0;
            void Send()
            {
                if (outbox.Take() is not { } batch)
                    return;
                Assert.InRange(batch.Results.Count, 1, ResultOutbox.BatchSize);
                if (stored.TryGetValue(batch.Sequence, out var known))
                    Assert.Equal(known.Results, batch.Results);
                stored[batch.Sequence] = batch;
            }
            foreach (var (step, amount) in steps)
            {
                switch (step)
                {
                    case 0:
                        for (var i = 0; i < amount; i++)
                            outbox.Add(Result(due++));
                        break;
                    case 1 or 2:
                        Send();
                        break;
                    case 3:
                        outbox.Rewind();
                        break;
                    default:
                        outbox.Acknowledge(Math.Min(amount % 7, stored.Count));
                        break;
                }
            }
            outbox.Rewind();
            while (outbox.Count > 0)
            {
                Send();
                outbox.Acknowledge(stored.Count);
            }
            Assert.Equal(Enumerable.Range(1, stored.Count).Select(i => (long)i), stored.Keys.Order());
            Assert.Equal(Enumerable.Range(0, (int)due).Select(i => (long)i), stored.OrderBy(s => s.Key).SelectMany(s => s.Value.Results).Select(r => r.DueTime));
            Assert.True(outbox.WhenEmptyAsync().IsCompleted);
            Assert.Equal(0, outbox.Dropped);
        }, iter: 300);
    }

    [Fact]
    public void Add_NobodyTakes_OldestAreDroppedAndCounted()
    {
        var outbox = Outbox(3000);
        for (var i = 0; i < 10_500; i++)
            outbox.Add(Result(i));
        Assert.InRange(outbox.Count, 2001, 3000);
        Assert.Equal(10_500, outbox.Count + outbox.Dropped);
        var first = outbox.Take()!;
        Assert.Equal((outbox.Dropped, outbox.Dropped / 1000 + 1), (first.Results[0].DueTime, first.Sequence));
    }

    [Fact]
    public async Task Wait_NothingThere_EndsWithTheNextResult()
    {
        var outbox = Outbox();
        var waiting = outbox.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        outbox.Add(Result(1));
        await waiting;
        Assert.NotNull(outbox.Take());
        Assert.Null(outbox.Take());
        Assert.False(outbox.WaitAsync(TestContext.Current.CancellationToken).IsCompleted);
        var empty = outbox.WhenEmptyAsync();
        Assert.False(empty.IsCompleted);
        outbox.Acknowledge(99);
        await empty;
    }
}
