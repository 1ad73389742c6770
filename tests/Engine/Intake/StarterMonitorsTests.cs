using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Engine.Intake;

namespace HealthTrack.Engine.Tests.Intake;

public sealed class StarterMonitorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Fill_FolderThatDoesNotExist_HoldsValidMonitors()
    {
        var monitors = _folder.File("data/monitors");

        Assert.True(StarterMonitors.Fill(monitors));

        var files = Directory.GetFiles(monitors);
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Empty(Assert.Single(ManifestReader.Read(File.ReadAllText(file), file)).Errors));
        Assert.Equal([monitors], Directory.GetFileSystemEntries(_folder.File("data"))); // no draft is left
    }

    [Fact]
    public void Fill_FolderThatExists_IsLeftAloneEvenWhenEmpty()
    {
        Assert.False(StarterMonitors.Fill(_folder.Path));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Fill_ManyAtOnce_OneFills()
    {
        var monitors = _folder.File("monitors");
        var filled = new bool[8];

        Parallel.For(0, filled.Length, i => filled[i] = StarterMonitors.Fill(monitors + (i % 2 == 0 ? "" : "/")));

        Assert.Single(filled, was => was);
        Assert.Equal([monitors], Directory.GetFileSystemEntries(_folder.Path));
    }
}
