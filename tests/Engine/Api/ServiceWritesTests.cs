using System.Net;
using System.Net.Http.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Tests.Api;

public sealed class ServiceWritesTests
{
    private const string Short = """{"name":"The Shop!","url":"http://127.0.0.1:9/","interval_seconds":30,"timeout_seconds":2.5}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Post_ShortForm_CreatesTheServiceAndAnswersWithItsRow()
    {
        await using var host = await EngineHost.StartAsync();

        using var response = await host.PostAsync("/services", Short, Cancel);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var row = (await response.Content.ReadFromJsonAsync<ServiceRow>(ApiJson.Options, Cancel))!;
        Assert.Equal($"/services/{row.Id}", response.Headers.Location?.OriginalString);
        Assert.Equal(("the-shop", "default", "The Shop!", 30.0, 2.5), (row.Name, row.Namespace, row.ServiceName, row.IntervalSeconds, row.TimeoutSeconds));
        Assert.Equal(row.Id, (await host.GetAsync<ServiceRow>(response.Headers.Location!.OriginalString, Cancel)).Id);
    }

    [Theory]
    [InlineData("application/yaml", "kind: ServiceMonitor\napiVersion: sre.healthtrack.io/v1alpha1\nmetadata: {name: y, namespace: shop}\nspec: {http: {url: 'http://127.0.0.1:9/'}}")]
    [InlineData("application/json", """{"kind":"ServiceMonitor","apiVersion":"sre.healthtrack.io/v1alpha1","metadata":{"name":"y","namespace":"shop"},"spec":{"http":{"url":"http://127.0.0.1:9/"}}}""")]
    public async Task Post_WholeManifest_IsCreated(string type, string body)
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await host.PostAsync("/services", body, Cancel, type);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.NotNull(host.Board.Manifest(new MonitorKey("shop", "y")));
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "url")]
    [InlineData("""{"url":"http://127.0.0.1/"}""", "name")]
    [InlineData("""{"name":"x","url":"ftp://x/"}""", "url")]
    [InlineData("""{"name":"x","url":"http://127.0.0.1/","interval_seconds":0.1}""", "interval_seconds")]
    [InlineData("""{"name":"x","url":"http://127.0.0.1/","interval_seconds":5,"timeout_seconds":6}""", "timeout_seconds")]
    [InlineData("""{"name":"x","url":"http://127.0.0.1/","interval":5}""", "interval")]
    [InlineData("""{"name":"x","url":"http://127.0.0.1/","interval_seconds":"5"}""", "interval_seconds")]
    [InlineData("""{"name":"x","url":"http://127.0.0.1/","namespace":"No Such"}""", "namespace")]
    [InlineData("""{"kind":"ServiceMonitor","apiVersion":"sre.healthtrack.io/v1alpha1","metadata":{"name":"x"},"spec":{"http":{"url":"http://127.0.0.1/"},"intervall":"5s"}}""", "spec.intervall")]
    public async Task Post_WrongField_Is422ThatNamesIt(string body, string path)
    {
        await using var host = await EngineHost.StartAsync();

        using var response = await host.PostAsync("/services", body, Cancel);

        var problem = await EngineHost.ProblemAsync(response, 422, Cancel);
        Assert.Contains(path, problem.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("path").GetString()));
        Assert.All(problem.GetProperty("errors").EnumerateArray(), e => Assert.NotEmpty(e.GetProperty("problem").GetString()!));
        Assert.Equal(0, host.Fleet.Count);
    }

    [Fact]
    public async Task Post_ShortFormWithSeveralWrongFields_NamesThemAll()
    {
        await using var host = await EngineHost.StartAsync();

        using var response = await host.PostAsync(
            "/services", """{"name":"x","url":"ftp://x/","interval_seconds":0.1,"timeout_seconds":"1","bogus":1}""", Cancel);

        var problem = await EngineHost.ProblemAsync(response, 422, Cancel);
        var paths = problem.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("path").GetString());
        Assert.Equal(["bogus", "interval_seconds", "timeout_seconds", "url"], paths.Distinct().Order());
    }

    [Theory]
    [InlineData("{", "application/json", 400)]
    [InlineData("", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("{}", "application/json", 422)]
    [InlineData("""{"kind":"x","\ud800":1}""", "application/json", 400)]
    [InlineData("""{"name":"\ud800","url":"http://127.0.0.1/"}""", "application/json", 400)]
    [InlineData("""{"name":"x","url":"http://127.0.0.1/","name":"y"}""", "application/json", 422)]
    [InlineData("name=x&url=y", "application/x-www-form-urlencoded", 415)]
    [InlineData("{\"name\":\"x\"}", "text/plain", 415)]
    [InlineData("a: [", "application/yaml", 422)]
    [InlineData("# nothing", "application/yaml", 422)]
    public async Task Post_UnreadableBody_IsAProblem(string body, string type, int status)
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await host.PostAsync("/services", body, Cancel, type);
        await EngineHost.ProblemAsync(response, status, Cancel);
    }

    [Fact]
    public async Task Post_TwoDocuments_Is422()
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await host.PostAsync(
            "/services", EngineHost.Manifest("a") + "\n---\n" + EngineHost.Manifest("b"), Cancel, "application/yaml");
        await EngineHost.ProblemAsync(response, 422, Cancel);
    }

    [Fact]
    public async Task Post_InvalidUtf8_Is400()
    {
        await using var host = await EngineHost.StartAsync();
        using var content = new ByteArrayContent([(byte)'{', 0xFF, 0xFE, (byte)'}']);
        content.Headers.ContentType = new("application/json");
        using var response = await host.Client.PostAsync("/services", content, Cancel);
        await EngineHost.ProblemAsync(response, 400, Cancel);
    }

    [Fact]
    public async Task Post_MoreThanAMebibyte_Is413()
    {
        await using var host = await EngineHost.StartAsync();
        using var response = await host.PostAsync("/services", $$"""{"name":"{{new string('x', 1024 * 1024)}}"}""", Cancel);
        await EngineHost.ProblemAsync(response, 413, Cancel);
    }

    [Fact]
    public async Task Post_NameThatExists_Is409()
    {
        await using var host = await EngineHost.StartAsync();
        using var first = await host.PostAsync("/services", Short, Cancel);
        using var second = await host.PostAsync("/services", Short, Cancel);
        await EngineHost.ProblemAsync(second, 409, Cancel);
    }

    [Theory]
    [InlineData(MonitorWriteProblem.AlreadyExists, 409)]
    [InlineData(MonitorWriteProblem.NotOurs, 409)]
    [InlineData(MonitorWriteProblem.NotFound, 404)]
    [InlineData(MonitorWriteProblem.Forbidden, 403)]
    public async Task Post_RefusedByTheWriter_SaysWhatTheWriterSaid(MonitorWriteProblem refusal, int status)
    {
        await using var host = await EngineHost.StartAsync();
        host.Board.Refusal = new MonitorWriteException(refusal, "The folder is read-only.");
        using var response = await host.PostAsync("/services", Short, Cancel);
        var problem = await EngineHost.ProblemAsync(response, status, Cancel);
        Assert.Equal("The folder is read-only.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Post_WithoutAWriter_Is403()
    {
        await using var host = await EngineHost.StartAsync(writer: false);
        using var response = await host.PostAsync("/services", Short, Cancel);
        await EngineHost.ProblemAsync(response, 403, Cancel);
    }

    [Fact]
    public async Task Put_SameName_ReplacesTheManifest()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");

        using var response = await host.Client.PutAsync(
            $"/services/{state.Id}", new StringContent(EngineHost.Manifest("api", more: "interval: 10s"), new System.Net.Http.Headers.MediaTypeHeaderValue("application/yaml")), Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var row = (await response.Content.ReadFromJsonAsync<ServiceRow>(ApiJson.Options, Cancel))!;
        Assert.Equal((state.Id, 10.0), (row.Id, row.IntervalSeconds));
    }

    [Theory]
    [InlineData("other", "default", "metadata.name")]
    [InlineData("api", "other", "metadata.namespace")]
    public async Task Put_AnotherName_Is422(string name, string ns, string path)
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");
        using var response = await host.Client.PutAsync(
            $"/services/{state.Id}", new StringContent(EngineHost.Manifest(name, ns), new System.Net.Http.Headers.MediaTypeHeaderValue("application/yaml")), Cancel);
        var problem = await EngineHost.ProblemAsync(response, 422, Cancel);
        Assert.Equal(path, problem.GetProperty("errors")[0].GetProperty("path").GetString());
    }

    [Fact]
    public async Task Delete_Known_AnswersOkOnceItIsGone()
    {
        await using var host = await EngineHost.StartAsync();
        var state = await host.DeclareAsync("api");

        using var response = await host.Client.DeleteAsync($"/services/{state.Id}", Cancel);

        Assert.Equal("""{"ok":true}""", await response.Content.ReadAsStringAsync(Cancel));
        using var again = await host.Client.GetAsync($"/services/{state.Id}", Cancel);
        await EngineHost.ProblemAsync(again, 404, Cancel);
        using var twice = await host.Client.DeleteAsync($"/services/{state.Id}", Cancel);
        await EngineHost.ProblemAsync(twice, 404, Cancel);
    }
}
