using HealthTrack.Core.Checks;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Spooling;

namespace HealthTrack.Probe.Tests.Spooling;

public sealed class ResultSpoolTests : IDisposable
{
    private const long Limit = 256L * 1024 * 1024;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("healthtrack-spool-");

    public void Dispose() => folder.Delete(recursive: true);

    private ResultSpool Open(long limit = Limit) => ResultSpool.Open(folder.FullName, limit, "worker-1");

    private IEnumerable<FileInfo> Files => folder.EnumerateFiles("*.spool").OrderBy(f => f.Name);

    internal static ResultBatch Batch(long sequence, int results = 3, int messageLength = 20) => new(sequence,
    [
        .. Enumerable.Range(0, results).Select(i => new CheckResult
        {
            Uid = $"uid-{i}",
            Location = "east",
            Worker = "worker-1",
            Generation = 4,
            DueTime = (sequence * 10_000) + i,
            StartedAt = (sequence * 10_000) + i + 3,
            Kind = (CheckKind)(i % 3),
            Outcome = (Outcome)(i % 4),
            LatencyMicros = 1234 + i,
            CountsInLatency = i % 2 == 0,
            StatusCode = i % 2 == 0 ? 503 : null,
            Message = i % 2 == 0 ? new string('ü', messageLength) : null,
            Phases = new CheckPhases(1, 2, 3, 4, 5),
            Certificate = i % 2 == 0 ? new CertificateFacts(DateTimeOffset.UnixEpoch.AddDays(20_000), "CN=Root") : null,
        }),
    ]);

    private static void Same(ResultBatch expected, ResultBatch? actual)
    {
        Assert.Equal(expected.Sequence, actual?.Sequence);
        Assert.Equal(expected.Results, actual!.Results);
    }

    [Fact]
    public void Open_AfterAnOrderlyEnd_EveryBatchIsThereAsItWas()
    {
        using (var spool = Open())
        {
            Same(Batch(1), spool.Read(spool.Append(Batch(1))));
            spool.Append(Batch(2, 1000));
        }
        using var again = Open();
        Assert.Equal([(1L, 3), (2L, 1000)], again.Recovered.Select(b => (b.Sequence, b.Count)));
        Assert.Equal((2L, 0L), (again.LastSequence, again.Unreadable));
        Same(Batch(1), again.Read(again.Recovered[0].At));
        Same(Batch(2, 1000), again.Read(again.Recovered[1].At));
    }

    /// <summary>What kill -9 or a full disk leaves: a file that ends anywhere.</summary>
    [Fact]
    public void Open_FileThatEndsAtAnyByte_OnlyTheTornRecordIsLost()
    {
        using (var spool = Open())
            for (var i = 1; i <= 6; i++)
                spool.Append(Batch(i));
        var file = Assert.Single(Files);
        var whole = File.ReadAllBytes(file.FullName);
        var ends = new List<long>();
        using (var spool = Open())
            ends.AddRange(spool.Recovered.Skip(1).Select(b => b.At.Offset).Append(whole.Length));
        for (var length = 0; length <= whole.Length; length++)
        {
            foreach (var left in Files.ToArray())
                left.Delete();
            File.WriteAllBytes(file.FullName, whole[..length]);
            var survive = ends.Count(end => end <= length);
            using (var spool = Open())
            {
                Assert.Equal(Enumerable.Range(1, survive).Select(i => (long)i), spool.Recovered.Select(b => b.Sequence));
                foreach (var batch in spool.Recovered)
                    Same(Batch(batch.Sequence), spool.Read(batch.At));
                // It goes on, and what comes next is not lost behind the torn end.
                Same(Batch(7), spool.Read(spool.Append(Batch(7))));
            }
            using var again = Open();
            Assert.Equal(Enumerable.Range(1, survive).Select(i => (long)i).Append(7), again.Recovered.Select(b => b.Sequence));
        }
    }

    [Fact]
    public void Open_AnyByteChanged_NeverThrowsAndNeverReadsWhatWasNotWritten()
    {
        using (var spool = Open())
            for (var i = 1; i <= 3; i++)
                spool.Append(Batch(i));
        var file = Assert.Single(Files);
        var whole = File.ReadAllBytes(file.FullName);
        for (var i = 0; i < whole.Length; i++)
        {
            var broken = (byte[])whole.Clone();
            broken[i] ^= 0x41;
            File.WriteAllBytes(file.FullName, broken);
            using var spool = Open();
            Assert.True(spool.Recovered.Count < 3 || spool.Unreadable == 0);
            foreach (var batch in spool.Recovered)
                Same(Batch(batch.Sequence), spool.Read(batch.At));
        }
    }

    [Fact]
    public void Acknowledge_Prefix_IsForgottenAlsoAfterARestart()
    {
        using (var spool = Open())
        {
            for (var i = 1; i <= 5; i++)
                spool.Append(Batch(i));
            spool.Acknowledge(3);
        }
        using (var again = Open())
        {
            Assert.Equal([4L, 5L], again.Recovered.Select(b => b.Sequence));
            again.Acknowledge(5);
        }
        using var last = Open();
        Assert.Empty(last.Recovered);
        Assert.Equal(5, last.LastSequence);
    }

    [Fact]
    public void Acknowledge_AllOfMuch_GivesTheSpaceBack()
    {
        using var spool = Open(2 * 1024 * 1024);
        for (var i = 1; i <= 30; i++)
            spool.Append(Batch(i, 200));
        Assert.InRange(spool.Bytes, 256 * 1024, 2 * 1024 * 1024);
        spool.Acknowledge(30);
        Assert.InRange(spool.Bytes, 1, 1024);
        Assert.Single(Files);
    }

    [Fact]
    public void TakeOverflow_MoreThanTheLimit_OldestFilesGo()
    {
        using var spool = Open(1024 * 1024);
        var positions = new List<SpoolPosition>();
        var removed = new List<long>();
        for (var i = 1; i <= 200; i++)
        {
            positions.Add(spool.Append(Batch(i, 200)));
            removed.AddRange(spool.TakeOverflow());
            Assert.InRange(spool.Bytes, 1, 1024 * 1024);
        }
        Assert.NotEmpty(removed);
        Assert.Equal(removed.Order(), removed);
        foreach (var (position, index) in positions.Select((p, i) => (p, i)))
        {
            if (removed.Contains(position.Segment))
                Assert.Null(spool.Read(position));
            else
                Same(Batch(index + 1, 200), spool.Read(position));
        }
    }

    [Fact]
    public void Open_FolderInUse_RefusesWithASentence()
    {
        using var spool = Open();
        var refused = Assert.Throws<SpoolRefusedException>(() => Open().Dispose());
        Assert.Contains("is in use", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--spool", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_PathOfAFile_RefusesWithASentence()
    {
        var file = Path.Combine(folder.FullName, "file");
        File.WriteAllText(file, "x");
        var refused = Assert.Throws<SpoolRefusedException>(() => ResultSpool.Open(file, Limit, "w").Dispose());
        Assert.Contains("cannot be used", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FilesOfOthers_AreLeftAlone()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "notes.txt"), "mine");
        File.WriteAllText(Path.Combine(folder.FullName, "results-x.spool"), "mine");
        File.WriteAllText(Path.Combine(folder.FullName, "results-000000000007.spool"), "no spool at all");
        using (var spool = Open())
        {
            Assert.Equal(15, spool.Unreadable);
            spool.Append(Batch(1));
            spool.Acknowledge(1);
        }
        Assert.True(File.Exists(Path.Combine(folder.FullName, "notes.txt")));
        Assert.True(File.Exists(Path.Combine(folder.FullName, "results-x.spool")));
    }

    [Fact]
    public void Append_FolderGone_ThrowsAndWorksAgainWhenItIsBack()
    {
        using var spool = Open();
        // A write to a file that was opened before needs no folder: the next file does.
        for (var i = 1; i <= 3; i++)
            spool.Append(Batch(i));
        spool.Acknowledge(3);
        folder.Delete(recursive: true);
        var failed = false;
        var sequence = 4L;
        for (; sequence < 2000 && !failed; sequence++)
        {
            try
            {
                spool.Append(Batch(sequence, 1000, 100));
            }
            catch (IOException)
            {
                failed = true;
            }
        }
        Assert.True(failed);
        folder.Create();
        Same(Batch(sequence), spool.Read(spool.Append(Batch(sequence))));
    }
}
