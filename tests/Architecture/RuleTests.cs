namespace HealthTrack.Architecture.Tests;

/// <summary>A rule that can never be broken is none: each is shown a repository that breaks it.</summary>
public sealed class RuleTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("healthtrack-architecture-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("src/Core/HealthTrack.Core.csproj", "<ProjectReference Include=\"../Contracts/HealthTrack.Contracts.csproj\" />")]
    [InlineData("src/Engine/HealthTrack.Engine.csproj", "<ProjectReference Include=\"..\\Probe\\HealthTrack.Probe.csproj\" />")]
    [InlineData("src/Probe/HealthTrack.Probe.csproj", "<ProjectReference Include=\"../Engine/HealthTrack.Engine.csproj\" />")]
    [InlineData("src/Dashboard/HealthTrack.Dashboard.csproj", "<ProjectReference Include=\"../Engine/HealthTrack.Engine.csproj\" />")]
    [InlineData("src/Standalone/HealthTrack.Standalone.csproj", "<ProjectReference Include=\"../Operator/HealthTrack.Operator.csproj\" />")]
    [InlineData("src/Shared/HealthTrack.Shared.csproj", "")]
    [InlineData("src/Core/Sub/HealthTrack.Core.csproj", "")]
    [InlineData("src/Engine/HealthTrack.Engine.csproj", "<Reference Include=\"Some.Assembly\" />")]
    public void Arrow_AForbiddenOne_IsSeen(string project, string item) =>
        Assert.Single(ProjectRules.Arrow(With((project, $"<Project><ItemGroup>{item}</ItemGroup></Project>"))));

    [Theory]
    [InlineData("src/Core/HealthTrack.Core.csproj", "<PackageReference Include=\"YamlDotNet\" />")]
    [InlineData("src/Core/HealthTrack.Core.csproj", "<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />")]
    [InlineData("src/Contracts/HealthTrack.Contracts.csproj", "<PackageReference Include=\"Npgsql\" />")]
    [InlineData("src/Engine/HealthTrack.Engine.csproj", "<PackageReference Include=\"KubernetesClient\" />")]
    public void Package_OneThatMayNotBeThere_IsSeen(string project, string item) =>
        Assert.Single(ProjectRules.Package(With((project, $"<Project><ItemGroup>{item}</ItemGroup></Project>"))));

    [Theory]
    [InlineData("<PackageReference Include=\"Pinned\" Version=\"2\" />")]
    [InlineData("<PackageReference Include=\"Pinned\" VersionOverride=\"2\" />")]
    [InlineData("<PackageReference Include=\"Pinned\"><Version>2</Version></PackageReference>")]
    [InlineData("<PackageReference Include=\"Loose\" />")]
    public void Pin_AVersionOfItsOwnOrNone_IsSeen(string reference) =>
        Assert.Single(ProjectRules.Pin(With(
            ("Directory.Packages.props", "<Project><ItemGroup><PackageVersion Include=\"Pinned\" Version=\"1.0.0\" /></ItemGroup></Project>"),
            ("tests/X/X.csproj", $"<Project><ItemGroup>{reference}</ItemGroup></Project>"))));

    [Fact]
    public void Pin_AFloatingVersion_IsSeen() =>
        Assert.Single(ProjectRules.Pin(With(
            ("Directory.Packages.props", "<Project><ItemGroup><PackageVersion Include=\"Pinned\" Version=\"1.*\" /></ItemGroup></Project>"))));

    [Fact]
    public void Solution_AProjectMissingOrGone_IsSeen() =>
        Assert.Equal(2, ProjectRules.Solution(With(
            ("HealthTrack.slnx", "<Solution><Folder Name=\"/src/\"><Project Path=\"src/Gone/Gone.csproj\" /></Folder></Solution>"),
            ("bench/HealthTrack.Bench.csproj", "<Project />"))).Count());

    [Theory]
    [InlineData("namespace HealthTrack.Core;\n")]
    [InlineData("namespace HealthTrack.Core.Sre\n{\n}\n")]
    [InlineData("namespace HealthTrack.Core.Sre;\nnamespace HealthTrack.Core.Slo;\n")]
    [InlineData("class X;\n")]
    public void Namespace_NotTheFolder_IsSeen(string text) => Assert.Single(SourceRules.Namespace(With(("src/Core/Sre/X.cs", text))));

    [Fact]
    public void Namespace_TheFolder_IsRight() =>
        Assert.Empty(SourceRules.Namespace(With(
            ("src/Core/Sre/X.cs", "using System;\n\nnamespace HealthTrack.Core.Sre;\n"), ("src/Probe/Program.cs", "return 0;\n"))));

    [Theory]
    [InlineData(300, 0)]
    [InlineData(301, 1)]
    public void Length_OfAFile_IsBounded(int lines, int violations) =>
        Assert.Equal(violations, SourceRules.Length(With(("src/Core/X.cs", string.Concat(Enumerable.Repeat("//\n", lines)))), []).Count());

    [Fact]
    public void Length_WithAReason_MayBeLongerButNotShorterOrGone()
    {
        var repository = With(("src/Core/Long.cs", string.Concat(Enumerable.Repeat("//\n", 301))), ("src/Core/Short.cs", "//\n"));
        Assert.Empty(SourceRules.Length(repository, new() { ["src/Core/Long.cs"] = "one table" }));
        Assert.Equal(3, SourceRules.Length(repository, new() { ["src/Core/Short.cs"] = "was long", ["src/Core/Gone.cs"] = "was there" }).Count());
    }

    [Theory]
    [InlineData("path = \"/{0}/user/x\"", "work", 1)]
    [InlineData("cd /{0}/me", "root", 1)]
    [InlineData("cd /{0}/me", "home", 1)]
    [InlineData("https://example.test/{0}/me", "home", 0)]
    [InlineData("./{0}/me", "home", 0)]
    public void MachinePath_InAFile_IsSeen(string text, string top, int violations) =>
        Assert.Equal(violations, SourceRules.MachinePath(With(("docs/x.md", text.Replace("{0}", top, StringComparison.Ordinal)))).Count());

    [Fact]
    public void RegistryHost_InAFile_IsSeen() => Assert.Single(SourceRules.RegistryHost(With(("nuget.config", "https://api.nuget" + ".org/v3"))));

    private Repository With(params (string File, string Text)[] files)
    {
        foreach (var (file, text) in files)
        {
            var path = Path.Combine(_root, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }
        return new Repository(_root);
    }
}
