using HealthTrack.Engine.Deadman;
using HealthTrack.Engine.Tests.Api;
using Microsoft.Extensions.Options;

namespace HealthTrack.Engine.Tests.Deadman;

public sealed class DeadmanUrlTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("https://deadman.example.org/ping/hush")]
    [InlineData("http://127.0.0.1:9000/?token=hush")]
    public void Read_AUrl_IsTakenFromTheSettingAndFromAFile(string url)
    {
        Assert.Equal(url, new DeadmanUrl(url, null).Read().ToString());
        Assert.Equal(url, new DeadmanUrl(null, Write($"{url}\n")).Read().ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("hush")]
    [InlineData("/ping/hush")]
    [InlineData("ftp://deadman.example.org/hush")]
    [InlineData("https://hush@deadman.example.org/")]
    [InlineData("https://deadman.example.org/hush\nhttps://deadman.example.org/hush")]
    public void Read_NoUrl_NamesTheFlagAndWhatWouldBeRightAndNotTheValue(string url)
    {
        foreach (var (place, flag) in new[] { (new DeadmanUrl(url, null), "--deadman-url must be"), (new DeadmanUrl(null, Write(url)), "--deadman-url-file ") })
        {
            var problem = Assert.Throws<FormatException>(place.Read).Message;
            Assert.StartsWith(flag, problem, StringComparison.Ordinal);
            Assert.Contains("http or https URL without a user name, such as https://deadman.example.org/ping/TOKEN", problem, StringComparison.Ordinal);
            Assert.DoesNotContain("hush", problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_AUrlWhereAFileIsMeant_IsNotShown()
    {
        var problem = Assert.Throws<FormatException>(new DeadmanUrl(null, "https://deadman.example.org/ping/hush").Read).Message;
        Assert.StartsWith("--deadman-url-file must be the path of a file", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileMissingOrBothGiven_SaysSo()
    {
        Assert.Contains("cannot be read", Assert.Throws<FormatException>(new DeadmanUrl(null, _folder.File("none")).Read).Message, StringComparison.Ordinal);
        Assert.Contains("give one of them", Assert.Throws<FormatException>(new DeadmanUrl("http://a/", _folder.File("none")).Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAUrlThatIsNone_IsRefusedWithASentence()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => EngineHost.StartAsync(configure: o => o with { DeadmanUrl = "hush" }));
        Assert.StartsWith("--deadman-url must be", refused.Message, StringComparison.Ordinal);
    }

    private string Write(string text)
    {
        var file = _folder.File("url");
        File.WriteAllText(file, text);
        return file;
    }
}
