namespace HealthTrack.Contracts.Tests;

public class CrdReferenceTests
{
    private static readonly string Page = Repository.File("docs", "crd-reference.md");

    [Fact]
    public void Page_Schema_IsWrittenFromIt()
    {
        var current = CrdReference.Write();
        if (Repository.UpdateGolden)
            File.WriteAllText(Page, current);

        Assert.Equal(current, File.ReadAllText(Page));
    }

    [Fact]
    public void Page_EveryField_IsNamed()
    {
        var page = File.ReadAllText(Page);

        // Entries of a list of texts are told with the list.
        var fields = SchemaFields.All.Select(f => f.Path).Where(p => p.Contains('.', StringComparison.Ordinal) && !p.EndsWith("[]", StringComparison.Ordinal));
        Assert.All(fields, path => Assert.Contains($"`{path}`", page, StringComparison.Ordinal));
    }
}
