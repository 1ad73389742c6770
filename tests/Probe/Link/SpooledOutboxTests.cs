using System.Diagnostics.Metrics;
using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Link;
using HealthTrack.Probe.Spooling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Probe.Tests.Link;

/// <summary>The outbox with a spool behind it.</summary>
public sealed class SpooledOutboxTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthtrack-outbox-");
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ProbeMetrics metrics;

    public SpooledOutboxTests() => metrics = new ProbeMetrics(services.GetRequiredService<IMeterFactory>());

    public void Dispose()
    {
        metrics.Dispose();
        services.Dispose();
        folder.Delete(recursive: true);
    }

    private ResultOutbox Outbox(ResultSpool spool, int capacity) => new(capacity, spool, metrics, NullLogger<ResultOutbox>.Instance);

    private static CheckResult Result(long due) => new()
    {
        Uid = "u", Location = "l", Worker = "w", Generation = 1, DueTime = due, StartedAt = due, Outcome = Outcome.Ok, LatencyMicros = 1, CountsInLatency = true,
    };

    /// <summary>
    /// Any order of adding, spooling, sending, losing the line, acknowledging and restarting in order, with a memory that holds little: each result is stored,
    /// in the order of its making within a batch, and each number keeps its content.
    /// </summary>
    [Fact]
    public void Outbox_AnyHistoryWithRestarts_EachResultIsStoredAndEachNumberKeepsItsContent()
    {
        var run = 0;
        Gen.Select(Gen.Int[0, 6], Gen.Int[1, 2500]).Array[1, 60].Sample(steps =>
        {
            var home = folder.CreateSubdirectory($"run-{Interlocked.Increment(ref run)}").FullName;
            var spool = ResultSpool.Open(home, 64 << 20, "w");
            var outbox = Outbox(spool, 1500);
            var stored = new SortedDictionary<long, ResultBatch>();
            long due = 0;
            void Send()
            {
                if (outbox.Take() is not { } batch)
                    return;
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
                        {
                            outbox.Add(Result(due++));
                            // The writer keeps up: memory alone is never full.
                            if (i % 250 == 0)
                                outbox.WriteToSpool();
                        }
                        break;
                    case 1 or 2:
                        Send();
                        break;
                    case 3:
                        outbox.Rewind();
                        break;
                    case 4:
                        outbox.Acknowledge(stored.Keys.Take(amount % 7).LastOrDefault());
                        break;
                    case 5:
                        outbox.WriteToSpool();
                        break;
                    default:
                        outbox.WriteToSpool(everything: true);
                        spool.Dispose();
                        spool = ResultSpool.Open(home, 64 << 20, "w");
                        outbox = Outbox(spool, 1500);
                        break;
                }
            }
            outbox.Rewind();
            while (outbox.Count > 0)
            {
                Send();
                outbox.Acknowledge(stored.Keys.Last());
            }
            Assert.Equal(Enumerable.Range(0, (int)due).Select(i => (long)i), stored.Values.SelectMany(b => b.Results).Select(r => r.DueTime));
            Assert.Equal(0, outbox.Dropped);
            outbox.WriteToSpool();
            spool.Dispose();
            using var last = ResultSpool.Open(home, 64 << 20, "w");
            Assert.Empty(last.Recovered);
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void Add_MoreThanMemory_IsInTheSpoolAndComesBackInOrder()
    {
        using var spool = ResultSpool.Open(folder.FullName, 64 << 20, "w");
        var outbox = Outbox(spool, 3000);
        for (var i = 0; i < 20_000; i++)
        {
            outbox.Add(Result(i));
            if (i % 1000 == 999)
                outbox.WriteToSpool();
        }
        Assert.Equal((20_000, 0L), (outbox.Count, outbox.Dropped));
        Assert.InRange(outbox.Spooled, 17_000, 20_000);
        var sent = new List<CheckResult>();
        while (outbox.Take() is { } batch)
            sent.AddRange(batch.Results);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => (long)i), sent.Select(r => r.DueTime));
        outbox.Acknowledge(outbox.LastSequence);
        Assert.Equal((0, 0), (outbox.Count, outbox.Spooled));
    }

    [Fact]
    public void Add_MoreThanMemoryAndSpool_OldestAreDroppedAndCounted()
    {
        using var spool = ResultSpool.Open(folder.FullName, 1 << 20, "w");
        var outbox = Outbox(spool, 1000);
        const int Made = 100_000;
        for (var i = 0; i < Made; i++)
        {
            outbox.Add(Result(i));
            if (i % 500 == 499)
                outbox.WriteToSpool();
        }
        Assert.InRange(outbox.Dropped, 1, Made - 10_000);
        Assert.Equal(Made, outbox.Count + outbox.Dropped);
        var sent = new List<long>();
        while (outbox.Take() is { } batch)
            sent.AddRange(batch.Results.Select(r => r.DueTime));
        Assert.Equal(outbox.Count, sent.Count);
        Assert.Equal(sent.Order(), sent);
        Assert.Equal(Made - 1, sent[^1]);
    }

    // An hour without a control plane: two writes a second.
    [Fact]
    public void WriteToSpool_NothingCanBeSent_GathersAndKeepsAllAtAStop()
    {
        using (var spool = ResultSpool.Open(folder.FullName, 64 << 20, "w"))
        {
            var outbox = Outbox(spool, 200_000);
            for (var i = 0; i < 7201; i++)
            {
                outbox.Add(Result(i));
                outbox.WriteToSpool();
            }
            Assert.InRange(outbox.LastSequence, 1, 1801);
            outbox.WriteToSpool(everything: true);
        }
        using var again = ResultSpool.Open(folder.FullName, 64 << 20, "w");
        Assert.Equal(7201, again.Recovered.Sum(b => b.Count));
    }

    [Fact]
    public void Acknowledge_WildNumber_DoesNotSpoilTheNumbersOfTheNextRun()
    {
        using (var spool = ResultSpool.Open(folder.FullName, 1 << 20, "w"))
        {
            var outbox = Outbox(spool, 1000);
            outbox.Add(Result(1));
            Assert.NotNull(outbox.Take());
            outbox.Acknowledge(long.MaxValue);
            outbox.WriteToSpool();
        }
        using var again = ResultSpool.Open(folder.FullName, 1 << 20, "w");
        var next = Outbox(again, 1000);
        next.Add(Result(2));
        Assert.InRange(next.Take()!.Sequence, 2, 1_000_000);
    }

    [Fact]
    public void Take_DiskCannotBeReadForAMoment_IsTheNextOneStill()
    {
        using var spool = ResultSpool.Open(folder.FullName, 64 << 20, "w");
        var outbox = Outbox(spool, 1000);
        for (var i = 0; i < 3000; i++)
        {
            outbox.Add(Result(i));
            if (i % 1000 == 999)
                outbox.WriteToSpool();
        }
        Assert.Equal(0, outbox.Take()!.Results[0].DueTime);
        var file = folder.EnumerateFiles("*.spool").Single();
        var (path, aside) = (file.FullName, Path.Combine(folder.FullName, "aside"));
        // A folder in its place: it is there, and cannot be read.
        File.Move(path, aside);
        Directory.CreateDirectory(path);
        Assert.Throws<SpoolUnreadableException>(() => outbox.Take());
        Assert.Throws<SpoolUnreadableException>(() => outbox.Take());
        Directory.Delete(path);
        File.Move(aside, path);

        Assert.Equal([1000, 2000], new[] { outbox.Take(), outbox.Take() }.Select(b => b!.Results[0].DueTime));
        Assert.Equal((3000, 0L), (outbox.Count, outbox.Dropped));
    }

    [Fact]
    public void WriteToSpool_FolderGone_ResultsStayInMemory()
    {
        using var spool = ResultSpool.Open(folder.FullName, 1 << 20, "w");
        var outbox = Outbox(spool, 5000);
        folder.Delete(recursive: true);
        for (var i = 0; i < 2000; i++)
            outbox.Add(Result(i));
        Assert.Throws<DirectoryNotFoundException>(() => outbox.WriteToSpool());
        Assert.Equal((2000, 0L), (outbox.Count, outbox.Dropped));
        folder.Create();
        outbox.WriteToSpool();
        Assert.Equal([1000, 1000], new[] { outbox.Take(), outbox.Take() }.Select(b => b!.Results.Count));
    }
}
