using System.Text.Json;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Intake;
using static HealthTrack.Engine.Tests.Intake.Manifests;

namespace HealthTrack.Engine.Tests.Intake;

public sealed class DirectoryMonitorWriterTests : IDisposable
{
    private static readonly MonitorKey Key = new("default", "x");
    private readonly TemporaryFolder _folder = new();
    private readonly DirectoryMonitorWriter _writer;

    public DirectoryMonitorWriterTests() => _writer = new DirectoryMonitorWriter(_folder.Path);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string OwnFile => _folder.File("default.x.yaml");

    public void Dispose()
    {
        _writer.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Create_NewMonitor_IsReadableYamlThatSaysTheSame()
    {
        const string Manifest = """
            {"apiVersion":"sre.healthtrack.io/v1alpha1","kind":"ServiceMonitor","metadata":{"name":"x","namespace":"default","labels":{"team":"yes","n":"007"}},
             "spec":{"displayName":"Ünï: code # 🚀","interval":"30s","http":{"url":"http://127.0.0.1:1/a?b=c","body":"line 1\nline: 2\n\ttab \"quoted\" \\",
             "headers":[{"name":"Accept","value":"*/*"},{"name":"X-Empty","value":""}],"expect":{"status":["2xx","301"]},"followRedirects":false},"failureThreshold":2}}
            """;
        await _writer.CreateAsync(Key, Manifest, Cancelled);

        var text = await File.ReadAllTextAsync(OwnFile, Cancelled);
        Assert.StartsWith("# Written by HealthTrack's API. Edits are kept until the API writes it again.\n", text, StringComparison.Ordinal);
        Assert.Contains("\n  interval: 30s\n", text, StringComparison.Ordinal);
        Assert.Contains("\n    url: http://127.0.0.1:1/a?b=c\n", text, StringComparison.Ordinal);
        var read = Assert.Single(ManifestReader.Read(text, "x"));
        Assert.Empty(read.Errors);
        Assert.Equal(Assert.Single(ManifestReader.Read(Manifest, "x")).Manifest, read.Manifest);
        Assert.Equal([OwnFile], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("no")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("12:30:00")]
    [InlineData("2026-01-01")]
    [InlineData("- a")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("a:")]
    [InlineData("*a")]
    [InlineData("&a")]
    [InlineData("---")]
    [InlineData(" a ")]
    [InlineData("a\r\nb\u2028c\u0085d")]
    [InlineData("{a: [b]}")]
    [InlineData("%d")]
    public async Task Create_TextThatYamlCouldTakeForSomethingElse_ComesBack(string text)
    {
        var manifest = Json("x").Replace("\"spec\":{", $"\"spec\":{{\"displayName\":{JsonSerializer.Serialize(text)},", StringComparison.Ordinal);
        await _writer.CreateAsync(Key, manifest, Cancelled);

        var read = Assert.Single(ManifestReader.Read(await File.ReadAllTextAsync(OwnFile, Cancelled), "x"));

        Assert.Equal(Assert.Single(ManifestReader.Read(manifest, "x")).Manifest, read.Manifest);
    }

    [Fact]
    public async Task Create_WhatExists_IsAlreadyExistsWhereverItIs()
    {
        await _writer.CreateAsync(Key, Json("x"), Cancelled);
        await ThrowsAsync(MonitorWriteProblem.AlreadyExists, "default.x.yaml", () => _writer.CreateAsync(Key, Json("x"), Cancelled));

        Put("by-hand.yaml", Yaml("y"));
        await ThrowsAsync(MonitorWriteProblem.AlreadyExists, "by-hand.yaml", () => _writer.CreateAsync(new("default", "y"), Json("y"), Cancelled));
    }

    [Fact]
    public async Task Create_WhereSomebodysFileIsInTheWay_LeavesIt()
    {
        Put("default.x.yaml", Yaml("another"));
        await ThrowsAsync(MonitorWriteProblem.NotOurs, "default.x.yaml", () => _writer.CreateAsync(Key, Json("x"), Cancelled));

        Assert.Equal(Yaml("another"), await File.ReadAllTextAsync(OwnFile, Cancelled));
    }

    [Fact]
    public async Task Create_ManyAtOnce_OneWins()
    {
        using var otherProcess = new DirectoryMonitorWriter(_folder.Path);
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            async () =>
            {
                try
                {
                    await (i % 2 == 0 ? _writer : otherProcess).CreateAsync(Key, Json("x", $"http://127.0.0.1:{i + 1}/"), Cancelled);
                    return (MonitorWriteProblem?)null;
                }
                catch (MonitorWriteException error)
                {
                    return error.Problem;
                }
            },
            Cancelled)));

        Assert.Single(results, problem => problem is null);
        Assert.Equal(15, results.Count(problem => problem == MonitorWriteProblem.AlreadyExists));
        Assert.Equal([OwnFile], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Update_OwnFile_ReplacesItAlsoAfterEdits()
    {
        await _writer.CreateAsync(Key, Json("x"), Cancelled);
        await File.AppendAllTextAsync(OwnFile, "# an edit\n", Cancelled);

        await _writer.UpdateAsync(Key, Json("x", "http://127.0.0.1:2/"), Cancelled);

        Assert.Contains("http://127.0.0.1:2/", await File.ReadAllTextAsync(OwnFile, Cancelled), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OwnFile_RemovesIt()
    {
        await _writer.CreateAsync(Key, Json("x"), Cancelled);

        await _writer.DeleteAsync(Key, Cancelled);

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task UpdateAndDelete_OwnFileBroken_Work()
    {
        await _writer.CreateAsync(Key, Json("x"), Cancelled);
        var text = await File.ReadAllTextAsync(OwnFile, Cancelled);
        Put("default.x.yaml", text + "] broken");

        await ThrowsAsync(MonitorWriteProblem.AlreadyExists, "broken", () => _writer.CreateAsync(Key, Json("x"), Cancelled));
        await _writer.UpdateAsync(Key, Json("x"), Cancelled);
        Assert.Equal(text, await File.ReadAllTextAsync(OwnFile, Cancelled));
        await _writer.DeleteAsync(Key, Cancelled);
    }

    [Theory]
    [InlineData("by-hand.yaml")]
    [InlineData("default.x.yaml")]
    public async Task UpdateAndDelete_WhatAPersonWrote_IsNotOursAndNamesTheFile(string name)
    {
        Put(name, Yaml("x"));

        await ThrowsAsync(MonitorWriteProblem.NotOurs, name, () => _writer.UpdateAsync(Key, Json("x"), Cancelled));
        await ThrowsAsync(MonitorWriteProblem.NotOurs, name, () => _writer.DeleteAsync(Key, Cancelled));
        Assert.Equal(Yaml("x"), await File.ReadAllTextAsync(_folder.File(name), Cancelled));
    }

    [Fact]
    public async Task UpdateAndDelete_OwnFileWithMonitorsAddedByHand_IsNotOurs()
    {
        await _writer.CreateAsync(Key, Json("x"), Cancelled);
        await File.AppendAllTextAsync(OwnFile, "---\n" + Yaml("y"), Cancelled);

        await ThrowsAsync(MonitorWriteProblem.NotOurs, "default.x.yaml", () => _writer.DeleteAsync(Key, Cancelled));
        await ThrowsAsync(MonitorWriteProblem.NotOurs, "default.x.yaml", () => _writer.UpdateAsync(new("default", "y"), Json("y"), Cancelled));
    }

    [Fact]
    public async Task UpdateAndDelete_DeclaredTwice_NamesBothFiles()
    {
        await _writer.CreateAsync(Key, Json("x"), Cancelled);
        Put("a.yaml", Yaml("x"));

        await ThrowsAsync(MonitorWriteProblem.NotOurs, "a.yaml and default.x.yaml", () => _writer.UpdateAsync(Key, Json("x"), Cancelled));
    }

    [Fact]
    public async Task UpdateAndDelete_Unknown_IsNotFound()
    {
        await ThrowsAsync(MonitorWriteProblem.NotFound, "default/x", () => _writer.UpdateAsync(Key, Json("x"), Cancelled));
        await ThrowsAsync(MonitorWriteProblem.NotFound, "default/x", () => _writer.DeleteAsync(Key, Cancelled));
    }

    [Fact]
    public async Task Create_FolderThatMayNotBeWritten_IsForbiddenAndNamesIt()
    {
        // To root no ordinary folder is read-only; sysfs is, to everybody.
        var folder = "/sys/kernel";
        if (!Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            folder = _folder.File("read-only");
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using var writer = new DirectoryMonitorWriter(folder);

        await ThrowsAsync(MonitorWriteProblem.Forbidden, folder, () => writer.CreateAsync(Key, Json("x"), Cancelled));
    }

    [Fact]
    public async Task Create_FolderThatIsAway_IsForbiddenAndDoesNotMakeIt()
    {
        var folder = _folder.File("away");
        using var writer = new DirectoryMonitorWriter(folder);

        await ThrowsAsync(MonitorWriteProblem.Forbidden, folder, () => writer.CreateAsync(Key, Json("x"), Cancelled));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("default", "../x")]
    [InlineData("..", "x")]
    [InlineData("de.fault", "x")]
    [InlineData("default", "a/b")]
    [InlineData("", "x")]
    public async Task AnyChange_KeyThatIsNoName_TouchesNoFile(string ns, string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _writer.CreateAsync(new MonitorKey(ns, name), Json("x"), Cancelled));
        await Assert.ThrowsAsync<ArgumentException>(() => _writer.DeleteAsync(new MonitorKey(ns, name), Cancelled));
    }

    [Fact]
    public async Task Create_LongestNames_HaveFilesOfTheirOwn()
    {
        var stem = string.Join('.', Enumerable.Repeat(new string('a', 62), 4));
        foreach (var name in (string[])[stem, stem[..^1] + "b"])
            await _writer.CreateAsync(new MonitorKey(new string('n', 63), name), Json(name), Cancelled);

        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public async Task Writer_WithASourceOnTheFolder_TakesEffect()
    {
        await using var source = new WatchedSource(_folder.Path);
        await source.UntilSyncedAsync();

        await _writer.CreateAsync(Key, Json("x"), Cancelled);
        await source.UntilAsync(d => d.TryGetValue("default/x", out var x) && x.Monitor is not null, "x is declared");
        await _writer.UpdateAsync(Key, Json("x", "http://127.0.0.1:2/"), Cancelled);
        await source.UntilAsync(d => d["default/x"].Monitor?.Spec.Check.Target == "http://127.0.0.1:2/", "x is changed");
        await _writer.DeleteAsync(Key, Cancelled);
        await source.UntilAsync(d => d.Count == 0, "x is removed");
        Assert.DoesNotContain(source.Events, e => e is MonitorDeclared { Declaration.Errors.Count: > 0 });
    }

    private void Put(string name, string text) => File.WriteAllText(_folder.File(name), text);

    private static async Task ThrowsAsync(MonitorWriteProblem problem, string part, Func<Task> change)
    {
        var error = await Assert.ThrowsAsync<MonitorWriteException>(change);
        Assert.Equal(problem, error.Problem);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }
}
