using HealthTrack.Engine.Intake;
using static HealthTrack.Engine.Tests.Intake.Manifests;

namespace HealthTrack.Engine.Tests.Intake;

/// <summary>When a change that is seen is taken for whole, step by step on a clock that the tests hold.</summary>
public sealed class MonitorFolderTests : IDisposable
{
    private readonly TemporaryFolder _files = new();
    private readonly MonitorFolder _folder;
    private readonly DateTimeOffset _start = TimeProvider.System.GetUtcNow();

    public MonitorFolderTests()
    {
        _folder = new MonitorFolder(_files.Path, "default");
        Put(Yaml("a") + "---\n" + Yaml("b"));
        Assert.False(_folder.ReadOn(_start));
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Look_TruncatedThenWrittenInPieces_TakesOnlyTheWhole()
    {
        var whole = Yaml("a", "http://127.0.0.1:2/") + "---\n" + Yaml("b", "http://127.0.0.1:2/");
        Put("");
        Look(1000, taken: false);
        Look(1100, taken: false);
        Put(whole[..(whole.Length / 2)]); // a document that is sound and one that is gone
        Look(1200, taken: false);
        Put(whole[..^30]);
        Look(1250, taken: false);
        Put(whole);
        Look(1300, taken: false);
        Look(1400, taken: true);

        Assert.Equal(["http://127.0.0.1:2/", "http://127.0.0.1:2/"], Targets());
    }

    [Fact]
    public void Look_ChangeThatStandsStill_IsTakenAfterTheDebounce()
    {
        Put(Yaml("a"));
        Look(1000, taken: false);
        Look(1050, taken: false);
        Look(1100, taken: true);

        Assert.False(_folder.Unsettled);
        Assert.Single(_folder.Declarations.ByKey);
    }

    [Fact]
    public void Look_TruncatedForGood_IsTakenWithinASecond()
    {
        Put("");
        Look(1000, taken: false);
        Look(1300, taken: false);
        Look(1400, taken: true);

        Assert.Empty(_folder.Declarations.ByKey);
    }

    [Fact]
    public void Look_FileThatNeverStandsStill_IsTakenAsItIsWithinASecond()
    {
        for (var i = 0; i < 6; i++)
        {
            Put(Yaml("a", $"http://127.0.0.1:{i + 1}/") + new string('#', i));
            Look(1000 + i * 100, taken: false);
        }

        Put(Yaml("a", "http://127.0.0.1:99/"));
        Look(1600, taken: true);

        Assert.Equal(["http://127.0.0.1:99/"], Targets());
    }

    [Fact]
    public void Look_FileMovedAwayAndANewOneIn_RemovesNothing()
    {
        File.Move(_files.File("a.yaml"), _files.File("a.yaml~"));
        Look(1000, taken: false);
        Look(1200, taken: false);
        Put(Yaml("a") + "---\n" + Yaml("b"));
        _folder.Look(_start.AddMilliseconds(1300));
        _folder.Look(_start.AddMilliseconds(1400));

        Assert.Equal(2, _folder.Declarations.ByKey.Count);
        Assert.False(_folder.Unsettled);
    }

    [Fact]
    public void Look_ChangeThatWasTakenBack_IsForgotten()
    {
        Put("");
        Look(1000, taken: false);
        Put(Yaml("a") + "---\n" + Yaml("b"));
        _folder.Look(_start.AddMilliseconds(1100));
        _folder.Look(_start.AddMilliseconds(1200));
        Assert.False(_folder.Unsettled);

        Put("");
        Look(5000, taken: false);
        Look(5300, taken: false);
        Look(5400, taken: true);
    }

    [Fact]
    public void Look_FolderBackWithoutAFile_WaitsLongerBeforeItRemoves()
    {
        var away = _files.Path + "-away";
        Directory.Move(_files.Path, away);
        Look(1000, taken: false);
        Assert.NotNull(_folder.Problem);
        Directory.CreateDirectory(_files.Path);
        Look(9000, taken: false);
        Assert.Null(_folder.Problem);
        Look(10_000, taken: false);
        Assert.Equal(2, _folder.Declarations.ByKey.Count);
        Look(12_500, taken: true);
        Directory.Delete(away, recursive: true);

        Assert.Empty(_folder.Declarations.ByKey);
    }

    [Fact]
    public void Look_SameLengthAndTimeButOtherText_IsSeenWhileYoung()
    {
        // Two writes within a tick of the file system's clock.
        var written = File.GetLastWriteTimeUtc(_files.File("a.yaml"));
        Put(Yaml("a") + "---\n" + Yaml("c"));
        File.SetLastWriteTimeUtc(_files.File("a.yaml"), written);

        Look(100, taken: false);
        Look(200, taken: true);
    }

    [Fact]
    public void Look_SoundPool_IsNoMonitorAndNoProblem()
    {
        const string pool = "apiVersion: sre.healthtrack.io/v1alpha1\nkind: ProbePool\nmetadata: {name: eu}\nspec: {replicas: 2}\n";
        File.WriteAllText(_files.File("pool.yaml"), pool);
        Put(Yaml("a") + "---\n" + pool.Replace("eu", "a", StringComparison.Ordinal));
        _folder.ReadOn(_start.AddMilliseconds(1000));

        Assert.Empty(_folder.Declarations.Problems);
        Assert.Empty(Assert.Single(_folder.Declarations.ByKey).Value.Errors);

        File.WriteAllText(_files.File("pool.yaml"), pool.Replace("replicas", "replica", StringComparison.Ordinal));
        _folder.ReadOn(_start.AddMilliseconds(9000));

        Assert.Contains("did you mean replicas?", string.Join(' ', _folder.Declarations.ByKey.Values.SelectMany(d => d.Errors)), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadOn_ManyFiles_DeclaresTheFirstBeforeTheLastAreRead()
    {
        for (var i = 0; i < 250; i++)
            File.WriteAllText(_files.File($"many-{i:D3}.yaml"), Yaml($"m-{i}"));
        File.WriteAllText(_files.File("many-001.yaml"), "kind: [");
        File.WriteAllText(_files.File("many-249.yaml"), Yaml("m-0", "http://127.0.0.1:2/"));
        var folder = new MonitorFolder(_files.Path, "default");

        Assert.True(folder.ReadOn(_start));
        Assert.Equal(100, folder.Declarations.ByKey.Count); // a.yaml has two, many-001.yaml none
        Assert.Empty(folder.Declarations.Problems);
        var first = folder.Declarations.ByKey.Values.Single(d => d.Key.Name == "m-0");
        Assert.False(folder.ReadOn(_start));

        Assert.Equal(251, folder.Declarations.ByKey.Count); // the broken one too, under its file's name
        Assert.Same(first, folder.Declarations.ByKey.Values.Single(d => d.Key.Name == "m-0"));
        Assert.Contains("many-249.yaml", Assert.Single(folder.Declarations.Problems), StringComparison.Ordinal);
        Assert.False(folder.Look(_start.AddSeconds(9)));
    }

    [Fact]
    public void ReadAhead_FolderChangesSince_ReadOnFindsItAsItIs()
    {
        for (var i = 0; i < 250; i++)
            File.WriteAllText(_files.File($"many-{i:D3}.yaml"), Yaml($"m-{i}"));
        var folder = MonitorFolder.ReadAhead(_files.Path, _start);
        File.WriteAllText(_files.File("a.yaml"), Yaml("later"));
        File.WriteAllText(_files.File("b.yaml"), Yaml("new"));
        File.Delete(_files.File("many-000.yaml"));

        Assert.True(folder.ReadOn(_start));
        var first = folder.Declarations.ByKey.Values.Select(d => d.Key.Name).ToHashSet();
        Assert.Equal(99, first.Count);
        Assert.Superset(new HashSet<string> { "later", "new", "m-1" }, first);
        Assert.DoesNotContain("m-0", first);

        Assert.False(folder.ReadOn(_start));
        Assert.Equal(251, folder.Declarations.ByKey.Count);
    }

    [Fact]
    public void ReadOn_FileIsPutThereMeanwhile_IsReadBeforeTheEnd()
    {
        for (var i = 0; i < 250; i++)
            File.WriteAllText(_files.File($"many-{i:D3}.yaml"), Yaml($"m-{i}"));
        var folder = new MonitorFolder(_files.Path, "default");
        Assert.True(folder.ReadOn(_start));
        File.WriteAllText(_files.File("b.yaml"), Yaml("new"));

        Assert.True(folder.ReadOn(_start));
        Assert.False(folder.ReadOn(_start));

        Assert.Contains(folder.Declarations.ByKey.Values, d => d.Key.Name == "new");
        Assert.Equal(253, folder.Declarations.ByKey.Count);
    }

    [Fact]
    public void ReadAhead_NoFolderYet_IsReadWhenItIsThere()
    {
        var away = Path.Combine(_files.Path, "away");
        var folder = MonitorFolder.ReadAhead(away, _start);
        Assert.False(folder.ReadOn(_start));
        Assert.NotNull(folder.Problem);

        Directory.CreateDirectory(away);
        File.WriteAllText(Path.Combine(away, "c.yaml"), Yaml("c"));
        Assert.False(folder.ReadOn(_start));

        Assert.Null(folder.Problem);
        Assert.Single(folder.Declarations.ByKey);
    }

    private void Look(int milliseconds, bool taken)
    {
        Assert.Equal(taken, _folder.Look(_start.AddMilliseconds(milliseconds)));
    }

    private IEnumerable<string?> Targets() => _folder.Declarations.ByKey.Values.Select(declaration => declaration.Monitor?.Spec.Check.Target);

    private void Put(string text) => File.WriteAllText(_files.File("a.yaml"), text);
}
