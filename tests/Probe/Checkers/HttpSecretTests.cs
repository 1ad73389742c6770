using System.Text;
using System.Text.Json;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Probe.Checkers;
using HealthTrack.Probe.Tests.Support;

namespace HealthTrack.Probe.Tests.Checkers;

/// <summary>Targets that echo what was sent to them: no message shows it.</summary>
public sealed class HttpSecretTests
{
    private static readonly SecretRef User = new("auth", "user");
    private static readonly SecretRef Password = new("auth", "password");
    private static readonly SecretRef Key = new("auth", "key");

    private const string Word = "c0rrect \"horse\"/bättery+staple";

    private static string All(ExplainedResult explained) =>
        string.Join('|', [explained.Result.Message, .. explained.Redirects, .. explained.Expectations.Select(e => e.ToString())]);

    /// <summary>Runs a check whose target answers with a text in the header, the body, the redirect and the status line in turn.</summary>
    private static async Task<string> EchoAsync(Func<string, string> echo, HttpAuth? auth, string userInfo, params (SecretRef, string)[] secrets)
    {
        var said = new StringBuilder();
        string[] answers = ["HTTP/1.1 200 OK\r\nX-Echo: {0}\r\n\r\n{1}", "HTTP/1.1 302 X\r\nLocation: ftp://x/{0}\r\n\r\n", "{0} {0}\r\n\r\n", "HTTP/1.1 200 OK\r\n{0}\r\n\r\n"];
        foreach (var answer in answers)
        {
            await using var server = new RawServer((stream, request, token) =>
            {
                var text = echo(request);
                var line = text.ReplaceLineEndings(" ");
                return stream.WriteAsync(Encoding.UTF8.GetBytes(answer
                    .Replace("{0}", line, StringComparison.Ordinal)
                    .Replace("{1}", JsonSerializer.Serialize(new { a = text }), StringComparison.Ordinal)), token).AsTask();
            });
            var check = new HttpCheck
            {
                Url = new Uri($"http://{userInfo}127.0.0.1:{server.Port}/"),
                Auth = auth,
                Headers = secrets.Any(s => s.Item1 == Key) && auth is null ? [new HttpHeader("X-Key", new ValueOrSecret(null, Key))] : [],
                Expect = new HttpExpectations { Headers = [new HeaderExpectation("X-Echo", "nothing of it", null)], Body = [new BodyJsonPath("$.a", "nothing of it")] },
            };
            var explained = await Checks.Checker().RunAsync(Checks.Assignment(check, null, secrets));
            Assert.NotEqual(Outcome.Ok, explained.Result.Outcome);
            said.Append(All(explained)).Append('|');
        }
        return said.ToString();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(70)]
    [InlineData(150)]
    public async Task Check_EchoedSecretAcrossTheCut_NoPartIsShown(int before)
    {
        const string Token = "t0ken-value-that-is-long-enough-to-cross";
        var said = await EchoAsync(_ => new string('x', before) + Token + "y", new BearerAuth(Key), "", (Key, Token));
        Assert.DoesNotContain("t0ken", said, StringComparison.Ordinal);
        Assert.Contains("***", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_EchoedBasicCredential_IsNotShown()
    {
        var pair = Convert.ToBase64String(Encoding.UTF8.GetBytes("ann:hunter2-hunter2"));
        var said = await EchoAsync(request => request.Split("Basic ")[1].Split('\r')[0], new BasicAuth(User, Password), "", (User, "ann"), (Password, "hunter2-hunter2"));
        Assert.DoesNotContain(pair, said, StringComparison.Ordinal);
        Assert.DoesNotContain(pair[..20], said, StringComparison.Ordinal);
        Assert.Contains("***", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p%40ssword1")]
    [InlineData("p@ssword1")]
    [InlineData("bob:p%40ssword1")]
    [InlineData("bob:p@ssword1")]
    [InlineData("Ym9iOnBAc3N3b3JkMQ==")]
    public async Task Check_EchoedUserInformation_IsNotShown(string echoed)
    {
        var said = await EchoAsync(_ => echoed, null, "bob:p%40ssword1@");
        Assert.DoesNotContain(echoed, said, StringComparison.Ordinal);
        Assert.Contains("***", said, StringComparison.Ordinal);
    }

    public static TheoryData<string> Forms() =>
    [
        Word,
        Uri.EscapeDataString(Word),
        Uri.EscapeDataString(Word).Replace("%20", "+", StringComparison.Ordinal),
        Uri.EscapeDataString(Word).Replace("%C3%A4", "%c3%a4", StringComparison.Ordinal).Replace("%2F", "%2f", StringComparison.Ordinal).Replace("%2B", "%2b", StringComparison.Ordinal),
        JsonSerializer.Serialize(Word)[1..^1],
        Word.Replace("\"", "\\\"", StringComparison.Ordinal),
        Word.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("/", "\\/", StringComparison.Ordinal),
    ];

    [Theory, MemberData(nameof(Forms))]
    public void Scrub_EscapedForm_IsMasked(string form) =>
        Assert.Equal("a *** b", SecretScrubber.Of([Word + "\n"]).Scrub($"a {form} b"));

    [Theory]
    [InlineData("first-line-1\nsecond-line")]
    [InlineData("first-line-1\r\nsecond-line")]
    [InlineData("first-line-1 second-line")]
    [InlineData("first-line-1\\nsecond-line")]
    [InlineData("first-line-1")]
    [InlineData("second-line")]
    public void Scrub_SecretOfSeveralLines_IsMaskedWholeAndInPart(string form) =>
        Assert.Equal("a *** b", SecretScrubber.Of(["-----BEGIN KEY-----\nx", "first-line-1\nsecond-line\n"]).Scrub($"a {form} b"));

    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("abcdefgh-ijkl", "***ijkl")]
    [InlineData("xabcdefghijklx", "x***x")]
    [InlineData("-----BEGIN KEY-----", "-----BEGIN KEY-----")]
    public void Scrub_ShortOverlappingAndPublicTexts_MaskWhatTheyMust(string text, string scrubbed) =>
        Assert.Equal(scrubbed, SecretScrubber.Of(["abc", "abcdef", "efghijkl", "abcdefgh-", "-----BEGIN KEY-----\nMIIEvQIBADAN"]).Scrub(text));

    [Fact]
    public void OneLineOf_ManySecretsInALongText_IsCutAfterScrubbing() =>
        Assert.Equal("***x***x**…", SecretScrubber.Of(["secret-one"]).OneLineOf(string.Concat(Enumerable.Repeat("secret-onex", 1000)), 10));
}
