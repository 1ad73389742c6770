using System.Net;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using HealthTrack.Dashboard.Ui.Fleets;

namespace HealthTrack.Dashboard.Tests;

public sealed class NewServiceFormTests
{
    [Fact]
    public void Place_FieldsOfBodyAndManifest_StandAtTheirFields()
    {
        var (general, fields) = NewServiceForm.Place(new ApiProblem(HttpStatusCode.UnprocessableEntity, "Not valid.",
        [
            new FieldProblem("name", "is empty."), new FieldProblem("spec.http.url", "is no URL."), new FieldProblem("spec.http.url", "It is too long."),
            new FieldProblem("interval_seconds", "is less than 1."), new FieldProblem("spec.timeout", "is not less than the interval."),
            new FieldProblem("spec.apdex.threshold", "is odd."),
        ]));
        Assert.Equal("is empty.", fields["name"]);
        Assert.Equal("is no URL. It is too long.", fields["url"]);
        Assert.Equal("is less than 1.", fields["interval"]);
        Assert.Equal("is not less than the interval.", fields["timeout"]);
        Assert.Equal("spec.apdex.threshold: is odd.", general);
    }

    [Fact]
    public void Place_Conflict_StandsAtTheName()
    {
        var (general, fields) = NewServiceForm.Place(new ApiProblem(HttpStatusCode.Conflict, "default/payments exists already.", []));
        Assert.Null(general);
        Assert.Equal("default/payments exists already.", fields["name"]);
    }

    [Fact]
    public void Place_ApiAway_IsSaidOnce()
    {
        var (general, fields) = NewServiceForm.Place(ApiProblem.Away(new Uri("http://127.0.0.1:8000/")));
        Assert.Contains("does not answer", general, StringComparison.Ordinal);
        Assert.Empty(fields);
    }

    [Theory]
    [InlineData("{\"title\":\"Gone wrong\"}", "Gone wrong")]
    [InlineData("{\"title\":\"t\",\"detail\":\"Say this.\"}", "Say this.")]
    [InlineData("<html>", "The API answered 500 Internal Server Error.")]
    [InlineData("", "The API answered 500 Internal Server Error.")]
    public async Task Read_AnyBody_GivesASentence(string body, string expected)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent(body) };
        Assert.Equal(expected, (await ApiProblem.ReadAsync(response, TestContext.Current.CancellationToken)).Message);
    }
}
