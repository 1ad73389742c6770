using Microsoft.Extensions.Options;

namespace HealthTrack.Dashboard.Tests;

public sealed class DashboardOptionsTests
{
    [Fact]
    public void Problems_Defaults_None() => Assert.Empty(new DashboardOptions().Problems());

    [Theory]
    [InlineData("ftp://127.0.0.1", "--api")]
    [InlineData("api", "--api")]
    [InlineData("http://me:secret@127.0.0.1", "user name")]
    [InlineData("http://127.0.0.1/?a=b", "query")]
    public void Problems_UnusableApi_SaysWhichAndWhy(string api, string expected)
    {
        var problem = Assert.Single(new DashboardOptions { Api = new Uri(api, UriKind.RelativeOrAbsolute) }.Problems());
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:8000", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_SeveralApis_NamesTheOneThatIsWrong()
    {
        var problem = Assert.Single(new DashboardOptions { Apis = [new("http://10.0.0.1:8000"), new("ftp://10.0.0.2")] }.Problems());
        Assert.StartsWith("--api ftp://10.0.0.2", problem, StringComparison.Ordinal);
        Assert.Contains("--api is empty", Assert.Single(new DashboardOptions { Apis = [] }.Problems()), StringComparison.Ordinal);
    }

    [Fact]
    public void Problems_PortOfAnotherFlag_NamesThatFlag()
    {
        var problem = Assert.Single(new DashboardOptions { Port = -1, PortFlag = "--dashboard-port" }.Problems());
        Assert.StartsWith("--dashboard-port -1", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SeveralProblems_RefusesWithAllOfThem()
    {
        var options = new DashboardOptions { Port = 70000, Bind = "here", Grafana = new Uri("file:///etc/passwd") };
        var refused = Assert.Throws<OptionsValidationException>(() => DashboardApp.Build(options));
        Assert.Collection(
            refused.Failures,
            f => Assert.StartsWith("--grafana", f, StringComparison.Ordinal),
            f => Assert.StartsWith("--port 70000", f, StringComparison.Ordinal),
            f => Assert.StartsWith("--bind here", f, StringComparison.Ordinal));
    }
}
