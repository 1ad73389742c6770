using HealthTrack.Core.Checks;
using HealthTrack.Engine.Storage;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>The contract's part about retention, concurrency and sudden death.</summary>
public abstract class DurabilityContract : ResultStoreContract
{
    /// <summary>Whether a service that is kept longer keeps the checks of all others with it.</summary>
    protected virtual bool KeepsWholeDays => false;

    /// <summary>How many certificates the place holds.</summary>
    protected abstract Task<long> CountCertificatesAsync();

    [Fact]
    public async Task DeleteBefore_OldChecks_GoAndTheOthersStay()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b"), NewMonitor("c")], Cancelled);
        // More than one piece, several locations at an instant, a service without anything old.
        await Store.AppendChecksAsync(
            [.. Enumerable.Range(0, 12_003).Select(i => Check(1 + i % 2, Start + i / 4, location: $"l{i / 2 % 2}")), Check(3, Start + 9000)], Cancelled);

        Assert.Equal(12_000, await Store.DeleteBeforeAsync(Start + 3000, Cancelled));

        Assert.Equal([2, 1, 1], await Remaining());
        Assert.Equal(0, await Store.DeleteBeforeAsync(Start + 3000, Cancelled));

        async Task<List<int>> Remaining()
        {
            var counts = new List<int>();
            for (var service = 1; service <= 3; service++)
                counts.Add((await Store.ReadSamplesAsync(service, 0, long.MaxValue, Cancelled)).Count);
            return counts;
        }
    }

    [Fact]
    public async Task DeleteBefore_ServiceThatIsKeptLonger_KeepsItsChecks()
    {
        const long Day = 86_400_000;
        await Store.SaveMonitorsAsync([NewMonitor("long"), NewMonitor("short"), NewMonitor("gone") with { DeletedAt = Start - 20 * Day }], Cancelled);
        await Store.AppendChecksAsync(
            [.. new[] { 1, 2, 3 }.SelectMany(service => new[] { 40, 20, 1 }.Select(days => Check(service, Start - days * Day)))], Cancelled);

        await Store.DeleteBeforeAsync(Start - 14 * Day, new Dictionary<long, long> { [1] = Start - 30 * Day, [3] = Start - 30 * Day }, Cancelled);

        Assert.Equal([Start - 20 * Day, Start - Day], (await Store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled)).Select(sample => sample.DueTime));
        var others = (await Store.ReadSamplesAsync(2, 0, long.MaxValue, Cancelled)).Select(sample => sample.DueTime).ToList();
        Assert.DoesNotContain(Start - 40 * Day, others);
        Assert.Contains(Start - Day, others);
        Assert.Equal(KeepsWholeDays, others.Contains(Start - 20 * Day));
        Assert.Empty(await Store.ReadSamplesAsync(3, 0, long.MaxValue, Cancelled));
    }

    [Fact]
    public async Task DeleteBefore_CertificatesThatOnlyDeletedChecksShowed_GoToo()
    {
        const long Day = 86_400_000;
        await Store.AddMonitorAsync("a", Cancelled);
        // One is shown all along, one for each of the other checks.
        await Store.AppendChecksAsync(
            [.. Enumerable.Range(0, 30).SelectMany(i => new[] { Shows("kept", i * Day), Shows($"{i}", i * Day + 1) })], Cancelled);
        Assert.Equal(31, await CountCertificatesAsync());

        await Store.DeleteBeforeAsync(Start + 20 * Day, Cancelled);

        // What is written of a certificate may be behind by a day.
        Assert.InRange(await CountCertificatesAsync(), 11, 12);
        await Store.AppendChecksAsync([Shows("0", 31 * Day), Shows("kept", 31 * Day)], Cancelled);
        var checks = await Store.ReadChecksAsync(new CheckQuery(1, 100), Cancelled);
        Assert.Equal(22, checks.Count);
        Assert.All(checks, check => Assert.NotNull(check.Result.Certificate));
        Assert.Equal(["0", "kept"], checks.Take(2).Select(check => check.Result.Certificate!.Issuer).Order());

        NewCheck Shows(string issuer, long after)
        {
            var check = Check(1, Start + after, location: issuer == "kept" ? "b" : "a");
            return check with { Result = check.Result with { Certificate = new CertificateFacts(DateTimeOffset.UnixEpoch, issuer) } };
        }
    }

    [Fact]
    public async Task DeleteBefore_MonitorDeletedBeforeIt_GoesWithAllItsChecks()
    {
        await Store.SaveMonitorsAsync(
            [NewMonitor("old") with { DeletedAt = Start }, NewMonitor("recent") with { DeletedAt = Start + 10 }, NewMonitor("alive")], Cancelled);
        await Store.AppendChecksAsync([Check(1, Start - 5), Check(1, Start + 50), Check(2, Start), Check(2, Start + 20), Check(3, Start)], Cancelled);

        Assert.Equal(4, await Store.DeleteBeforeAsync(Start + 10, Cancelled));

        Assert.Equal(["recent", "alive"], (await Store.ReadMonitorsAsync(Cancelled)).Select(monitor => monitor.Key.Name));
        Assert.Empty(await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled));
        Assert.Single(await Store.ReadChecksAsync(new CheckQuery(2, 10), Cancelled));
    }

    [Fact]
    public async Task AppendChecks_ManyWritersAndReaders_AllRowsOnceAndBatchesWhole()
    {
        const int Writers = 4, Batches = 25, Size = 40;
        await Store.AddMonitorAsync("a", Cancelled);
        var second = await OpenAsync(); // as another process would
        using var written = new CancellationTokenSource();

        var reading = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                var rounds = 0;
                for (; !written.IsCancellationRequested || rounds == 0; rounds++)
                {
                    var samples = await Store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled);
                    Assert.Equal(0, samples.Count % Size);
                }
            },
            Cancelled)).ToList();
        var writing = Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                var ids = new List<long>();
                for (var batch = 0; batch < Batches; batch++)
                {
                    var from = Start + (writer * Batches + batch) * Size;
                    ids.AddRange(await (writer % 2 == 0 ? Store : second).AppendChecksAsync(
                        [.. Enumerable.Range(0, Size).Select(i => Check(1, from + i))], Cancelled));
                }

                return ids;
            },
            Cancelled)).ToList();
        var ids = (await Task.WhenAll(writing)).SelectMany(list => list).ToList();
        await written.CancelAsync();
        await Task.WhenAll(reading);

        Assert.Equal(Writers * Batches * Size, ids.Distinct().Count());
        Assert.DoesNotContain(0, ids);
        Assert.Equal(Writers * Batches * Size, (await Store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled)).Count);
    }

    [Fact]
    public async Task AppendChecks_SameChecksFromTwoWriters_AreStoredOnce()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        NewCheck[] checks = [.. Enumerable.Range(0, 200).Select(i => Check(1, Start + i))];

        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Store.AppendChecksAsync(checks, Cancelled), Cancelled)));

        Assert.All(Enumerable.Range(0, checks.Length), i => Assert.Single(ids, batch => batch[i] != 0));
    }

    [Fact]
    public async Task AppendChecks_KilledWhileWriting_EveryAcknowledgedBatchIsThereAndNoneInParts()
    {
        await Store.AddMonitorAsync("a", Cancelled);

        var acknowledged = await CrashingWriter.RunUntilKilledAsync(Url, acknowledgements: 25, Cancelled);
        await ReopenAsync();

        var samples = await Store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled);
        Assert.Equal(0, samples.Count % CrashingWriter.BatchSize);
        Assert.True(samples.Count >= acknowledged, $"{acknowledged} checks were acknowledged, {samples.Count} are there");
        Assert.Equal(Enumerable.Range(0, samples.Count).Select(i => CrashingWriter.DueTime(i)), samples.Select(sample => sample.DueTime));
        Assert.NotEqual(0, Assert.Single(await Store.AppendChecksAsync([Check(1, CrashingWriter.DueTime(samples.Count))], Cancelled)));
    }

    [Fact]
    public async Task AnyCall_AlreadyCancelled_DoesNothing()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AppendChecksAsync([Check(1, Start)], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadMonitorsAsync(cancelled));

        Assert.Empty(await Store.ReadChecksAsync(new CheckQuery(1, 1), Cancelled));
    }

    [Fact]
    public async Task AnyCall_AfterDispose_IsTheCallersError()
    {
        await Store.DisposeAsync();
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.ReadMonitorsAsync(Cancelled));
    }
}
