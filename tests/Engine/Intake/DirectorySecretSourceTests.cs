using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Intake;

namespace HealthTrack.Engine.Tests.Intake;

public sealed class DirectorySecretSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DirectorySecretSource _secrets;

    public DirectorySecretSourceTests()
    {
        _secrets = new DirectorySecretSource(_folder.File("secrets"));
        Directory.CreateDirectory(_folder.File("secrets/default/api"));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("s3cret", "s3cret")]
    [InlineData("s3cret\n", "s3cret")]
    [InlineData("s3cret\r\n", "s3cret")]
    [InlineData("s3cret\n\n", "s3cret\n")]
    [InlineData(" ü 🚀 ", " ü 🚀 ")]
    [InlineData("\n", "")]
    [InlineData("", "")]
    public async Task Get_AKey_IsTheTextWithoutOneLineBreak(string text, string value)
    {
        Put("default/api/token", text);

        Assert.Equal(value, await GetAsync("default", "api", "token"));
    }

    [Fact]
    public async Task Get_AChangedKey_IsReadAnew()
    {
        Put("default/api/token", "old");
        Assert.Equal("old", await GetAsync("default", "api", "token"));
        Put("default/api/token", "new");
        Assert.Equal("new", await GetAsync("default", "api", "token"));
    }

    [Fact]
    public async Task Get_AMountedSecret_FollowsItsLinks()
    {
        Directory.CreateDirectory(_folder.File("secrets/default/api/..2026"));
        Put("default/api/..2026/token", "linked");
        File.CreateSymbolicLink(_folder.File("secrets/default/api/..data"), "..2026");
        File.CreateSymbolicLink(_folder.File("secrets/default/api/token"), "..data/token");

        Assert.Equal("linked", await GetAsync("default", "api", "token"));
    }

    [Fact]
    public async Task Get_WhatIsNotThere_IsNull()
    {
        Put("default/api/huge", new string('x', 1024 * 1024 + 1));

        Assert.Null(await GetAsync("default", "api", "missing"));
        Assert.Null(await GetAsync("default", "missing", "token"));
        Assert.Null(await GetAsync("missing", "api", "token"));
        Assert.Null(await GetAsync("default", "api", "huge"));
        Put("default/folder/key/inside", "a folder where the key should be");
        Assert.Null(await GetAsync("default", "folder", "key"));
    }

    [Theory]
    [InlineData("default", "api", "../../../outside")]
    [InlineData("..", "outside-folder", "key")]
    [InlineData("default", "..", "outside")]
    [InlineData(".", ".", "outside")]
    [InlineData("default", "api", "..")]
    [InlineData("default", "api", "")]
    [InlineData("", "", "outside")]
    [InlineData("default", "api", "..\\outside")]
    [InlineData("default", "/etc", "hostname")]
    [InlineData("default", "api", "token\n")]
    [InlineData("default", "api\0", "token")]
    public async Task Get_PathsThatLeadElsewhere_AreNull(string ns, string name, string key)
    {
        await File.WriteAllTextAsync(_folder.File("outside"), "not a secret of ours", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder.File("outside-folder"));
        await File.WriteAllTextAsync(_folder.File("outside-folder/key"), "not a secret of ours", TestContext.Current.CancellationToken);
        Put("outside", "in the folder, but not where secrets are");
        Put("default/outside", "in the folder, but not where secrets are");
        Put("default/api/token", "s3cret");

        Assert.Null(await GetAsync(ns, name, key));
    }

    private void Put(string path, string text)
    {
        var file = _folder.File($"secrets/{path}");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    private ValueTask<string?> GetAsync(string ns, string name, string key) =>
        _secrets.GetAsync(ns, new SecretRef(name, key), TestContext.Current.CancellationToken);
}
