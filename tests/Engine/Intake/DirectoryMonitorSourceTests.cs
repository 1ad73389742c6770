using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using static HealthTrack.Engine.Tests.Intake.Manifests;

namespace HealthTrack.Engine.Tests.Intake;

public sealed class DirectoryMonitorSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Watch_AtTheStart_SaysWhatExistsThenSynced()
    {
        Put("b.yaml", Yaml("b1") + "---\n" + Yaml("b2", ns: "shop"));
        Put("a.json", Json("a"));
        Put("c.YML", Yaml("c"));
        Put("notes.txt", "not a manifest");
        Put(".hidden.yaml", Yaml("hidden"));
        Put("edited.yaml~", Yaml("backup"));
        Put("#edited.yaml#", Yaml("autosave"));
        Put("empty.yaml", "");
        Put("comment.yaml", "# nothing yet\n");
        Directory.CreateDirectory(_folder.File("below.yaml"));
        Put("below.yaml/d.yaml", Yaml("below"));

        await using var source = await StartAsync();

        Assert.Equal(["default/a", "default/b1", "default/c", "shop/b2"], source.Declared.Keys.Order(StringComparer.Ordinal));
        Assert.IsType<MonitorsSynced>(source.Events[^1]);
        var declaration = source.Declared["shop/b2"];
        Assert.Equal(("b.yaml", MonitorUid.For(new MonitorKey("shop", "b2")), false), (declaration.Origin, declaration.Uid, declaration.HasGeneration));
        Assert.NotNull(declaration.Monitor);
        Assert.Equal(["comment.yaml", "empty.yaml"], source.Source.Problems.Select(problem => problem.Split(' ')[0]));
        Assert.Null(source.Source.Problem);
    }

    [Fact]
    public async Task Watch_FilesAddedChangedAndRemoved_SaysEach()
    {
        await using var source = await StartAsync();

        Put("a.yaml", Yaml("a"));
        await source.UntilAsync(d => d.ContainsKey("default/a"), "a is declared");
        Put("a.yaml", Yaml("a", "http://127.0.0.1:2/"));
        await source.UntilAsync(d => d["default/a"].Monitor?.Spec.Check.Target == "http://127.0.0.1:2/", "a is changed");
        File.Move(_folder.File("a.yaml"), _folder.File("z.yaml"));
        await source.UntilAsync(d => d.TryGetValue("default/a", out var a) && a.Origin == "z.yaml", "a is moved");
        Put("z.yaml", Yaml("z"));
        await source.UntilAsync(d => d.ContainsKey("default/z") && !d.ContainsKey("default/a"), "a became z");
        File.Delete(_folder.File("z.yaml"));
        await source.UntilAsync(d => d.Count == 0, "z is removed");
    }

    [Fact]
    public async Task Watch_OneOfSeveralDocumentsRemoved_RemovesThatOneOnly()
    {
        Put("a.yaml", Yaml("a") + "---\n" + Yaml("b"));
        await using var source = await StartAsync();

        Put("a.yaml", Yaml("b"));
        await source.UntilAsync(d => !d.ContainsKey("default/a"), "a is removed");

        Assert.Equal(2 + 1 + 1, source.Events.Count); // a, b, synced, a removed; nothing of b
    }

    [Fact]
    public async Task Watch_TextWithoutAnotherMeaning_SaysNothing()
    {
        Put("a.yaml", Yaml("a"));
        await using var source = await StartAsync();

        Put("a.yaml", "# a comment\n" + Yaml("a"));
        Put("later.yaml", Yaml("later"));
        await source.UntilAsync(d => d.ContainsKey("default/later"), "the later file is seen");
        File.SetLastWriteTimeUtc(_folder.File("a.yaml"), DateTime.UnixEpoch);
        Put("last.yaml", Yaml("last"));
        await source.UntilAsync(d => d.ContainsKey("default/last"), "the last file is seen");

        Assert.Single(source.Events, e => e is MonitorDeclared { Declaration.Key.Name: "a" });
    }

    [Fact]
    public async Task Watch_InvalidDocument_IsDeclaredWithErrorsAndMended()
    {
        Put("a.yaml", Yaml("a"));
        await using var source = await StartAsync();

        Put("a.yaml", Yaml("a").Replace("interval: 10s", "interval: soon", StringComparison.Ordinal));
        await source.UntilAsync(d => d["default/a"].Errors.Count > 0, "a has errors");
        Assert.Contains(source.Declared["default/a"].Errors, error => error.Path == "spec.interval");
        Assert.Null(source.Declared["default/a"].Monitor);

        Put("a.yaml", Yaml("a"));
        await source.UntilAsync(d => d["default/a"].Monitor is not null, "a is mended");
        Assert.DoesNotContain(source.Events, e => e is MonitorRemoved);
    }

    [Fact]
    public async Task Watch_FileThatCannotBeParsed_GivesErrorsToAllThatItDeclared()
    {
        Put("a.yaml", Yaml("a") + "---\n" + Yaml("b"));
        Put("other.yaml", Yaml("other"));
        await using var source = await StartAsync();

        Put("a.yaml", "{ this is: [ no yaml");
        await source.UntilAsync(d => d["default/a"].Errors.Count > 0 && d["default/b"].Errors.Count > 0, "a and b have errors");
        Assert.Equal(3, source.Declared.Count);
        Assert.NotNull(source.Declared["default/other"].Monitor);

        Put("a.yaml", Yaml("a"));
        await source.UntilAsync(d => d["default/a"].Monitor is not null && !d.ContainsKey("default/b"), "a is mended and b removed");
    }

    [Fact]
    public async Task Watch_OneDocumentThatCannotBeParsed_KeepsTheOthersInForce()
    {
        Put("a.yaml", Yaml("a") + "---\n" + Yaml("b"));
        await using var source = await StartAsync();

        Put("a.yaml", Yaml("a", "http://127.0.0.1:2/") + "---\n{ this is: [ no yaml");
        await source.UntilAsync(d => d["default/b"].Errors.Count > 0, "b has errors");

        Assert.Equal("http://127.0.0.1:2/", source.Declared["default/a"].Monitor?.Spec.Check.Target);
        Assert.Equal(2, source.Declared.Count);
    }

    [Fact]
    public async Task Watch_BrokenFromTheStart_IsShownUnderItsNamesOrTheFilesOwn()
    {
        Put("My Shop.yaml", "{ this is: [ no yaml");
        Put("named.yaml", Yaml("front", ns: "shop") + "  ]broken: [\n---\n" + Yaml("back").Replace("spec:", "spec: ]", StringComparison.Ordinal));
        await using var source = await StartAsync();

        Assert.Equal(["default/back", "default/my-shop", "shop/front"], source.Declared.Keys.Order(StringComparer.Ordinal));
        Assert.All(source.Declared.Values, declaration => Assert.NotEmpty(declaration.Errors));

        Put("My Shop.yaml", Yaml("shop"));
        await source.UntilAsync(d => d.ContainsKey("default/shop") && !d.ContainsKey("default/my-shop"), "the mended file replaces its stand-in");
    }

    [Fact]
    public async Task Watch_HostileFiles_AreErrorsAndTheOthersGoOn()
    {
        Put("good.yaml", Yaml("good"));
        Put("huge.yaml", Yaml("huge") + "#" + new string('x', 1024 * 1024));
        await File.WriteAllBytesAsync(_folder.File("binary.yaml"), [0xFF, 0xFE, 0x00, 0xC3, 0x28], Cancelled);
        Put("deep.json", new string('[', 100_000));
        Put("bomb.yaml", "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]\n");
        Put("foreign.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: good\n");
        File.CreateSymbolicLink(_folder.File("dangling.yaml"), _folder.File("nowhere"));
        File.CreateSymbolicLink(_folder.File("loop.yaml"), _folder.File("loop.yaml"));
        await using var source = await StartAsync();

        Assert.NotNull(source.Declared["default/good"].Monitor);
        foreach (var name in (string[])["huge", "binary", "deep", "bomb"])
            Assert.NotEmpty(source.Declared[$"default/{name}"].Errors);
        Assert.Contains("1 MiB", source.Declared["default/huge"].Errors[0].Problem, StringComparison.Ordinal);
        Assert.Contains("UTF-8", source.Declared["default/binary"].Errors[0].Problem, StringComparison.Ordinal);
        Assert.Contains(source.Source.Problems, problem => problem.Contains("foreign.yaml", StringComparison.Ordinal));

        Put("good.yaml", Yaml("good", "http://127.0.0.1:2/"));
        await source.UntilAsync(d => d["default/good"].Monitor?.Spec.Check.Target == "http://127.0.0.1:2/", "the good file goes on");
    }

    [Fact]
    public async Task Watch_OneNameInTwoFiles_TheFirstWinsUntilItGoes()
    {
        Put("b.yaml", Yaml("x", "http://127.0.0.1:2/"));
        Put("a.yaml", Yaml("x", "http://127.0.0.1:1/"));
        await using var source = await StartAsync();

        var winner = Assert.Single(source.Declared).Value;
        Assert.Equal("a.yaml", winner.Origin);
        Assert.Empty(winner.Errors);
        var problem = Assert.Single(source.Source.Problems);
        Assert.Contains("a.yaml", problem, StringComparison.Ordinal);
        Assert.Contains("b.yaml", problem, StringComparison.Ordinal);

        File.Delete(_folder.File("a.yaml"));
        await source.UntilAsync(d => d["default/x"].Origin == "b.yaml", "the second file takes over");
        Assert.Empty(source.Source.Problems);
        Assert.DoesNotContain(source.Events, e => e is MonitorRemoved);
    }

    [Fact]
    public async Task Watch_MountedConfigMap_FollowsTheSwitchOfItsLink()
    {
        // As the kubelet does it: x.yaml -> ..data/x.yaml, ..data -> a folder with a time in its name, switched from one to the next.
        Mount("..2026_01", "http://127.0.0.1:1/");
        File.CreateSymbolicLink(_folder.File("..data"), "..2026_01");
        File.CreateSymbolicLink(_folder.File("x.yaml"), "..data/x.yaml");
        await using var source = await StartAsync();
        Assert.Equal("http://127.0.0.1:1/", source.Declared["default/x"].Monitor?.Spec.Check.Target);

        Mount("..2026_02", "http://127.0.0.1:2/");
        File.Delete(_folder.File("..data"));
        File.CreateSymbolicLink(_folder.File("..data"), "..2026_02");

        await source.UntilAsync(d => d["default/x"].Monitor?.Spec.Check.Target == "http://127.0.0.1:2/", "the new version is seen");

        void Mount(string version, string url)
        {
            Directory.CreateDirectory(_folder.File(version));
            Put($"{version}/x.yaml", Yaml("x", url));
        }
    }

    [Fact]
    public async Task Watch_FolderGoesAndComesBack_KeepsItsMonitors()
    {
        var monitors = _folder.File("monitors");
        Directory.CreateDirectory(monitors);
        Put("monitors/a.yaml", Yaml("a"));
        Put("monitors/b.yaml", Yaml("b"));
        await using var source = new WatchedSource(monitors);
        await source.UntilSyncedAsync();

        Directory.Move(monitors, _folder.File("away"));
        await source.UntilAsync(_ => source.Source.Problem is not null, "the fault is said");
        Assert.Contains(monitors, source.Source.Problem, StringComparison.Ordinal);
        Assert.Equal(2, source.Declared.Count);

        // Back, filled file by file.
        Directory.CreateDirectory(monitors);
        await source.UntilAsync(_ => source.Source.Problem is null, "the folder is back");
        Put("monitors/b.yaml", Yaml("b"));
        Put("monitors/a.yaml", Yaml("a", "http://127.0.0.1:2/"));
        await source.UntilAsync(d => d["default/a"].Monitor?.Spec.Check.Target == "http://127.0.0.1:2/", "the change is seen");
        Assert.DoesNotContain(source.Events, e => e is MonitorRemoved);
    }

    [Fact]
    public async Task Watch_FolderThatDoesNotExistYet_IsWaitedForBeforeSynced()
    {
        var monitors = _folder.File("monitors");
        await using var source = new WatchedSource(monitors);
        await source.UntilAsync(_ => source.Source.Problem is not null, "the fault is said");
        Assert.Empty(source.Events);

        Directory.CreateDirectory(_folder.File("draft"));
        Put("draft/a.yaml", Yaml("a"));
        Directory.Move(_folder.File("draft"), monitors);

        await source.UntilSyncedAsync();
        Assert.Equal("default/a", Assert.Single(source.Declared).Key);
    }

    private void Put(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private async Task<WatchedSource> StartAsync()
    {
        var source = new WatchedSource(_folder.Path);
        await source.UntilSyncedAsync();
        return source;
    }
}
