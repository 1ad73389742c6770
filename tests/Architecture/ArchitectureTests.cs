namespace HealthTrack.Architecture.Tests;

public sealed class ArchitectureTests
{
    [Fact]
    public void Projects_InThisRepository_FollowTheArrowsOfTheDesign() => Assert.Empty(ProjectRules.Arrow(Repository.Here));

    [Fact]
    public void Packages_InThisRepository_AreWhereTheyMayBe() => Assert.Empty(ProjectRules.Package(Repository.Here));

    [Fact]
    public void Packages_InThisRepository_ArePinnedCentrally() => Assert.Empty(ProjectRules.Pin(Repository.Here));

    [Fact]
    public void Solution_InThisRepository_ListsEveryProject() => Assert.Empty(ProjectRules.Solution(Repository.Here));

    [Fact]
    public void Namespaces_InThisRepository_AreTheFolders() => Assert.Empty(SourceRules.Namespace(Repository.Here));

    [Fact]
    public void Files_InThisRepository_HoldOneIdea() => Assert.Empty(SourceRules.Length(Repository.Here, SourceRules.LongFor));

    [Fact]
    public void Files_InThisRepository_NameNoMachinesPaths() => Assert.Empty(SourceRules.MachinePath(Repository.Here));

    [Fact]
    public void Files_InThisRepository_NameNoPackageRegistry() => Assert.Empty(SourceRules.RegistryHost(Repository.Here));
}
