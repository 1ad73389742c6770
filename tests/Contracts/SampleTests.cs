using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Contracts.Tests;

public class SampleTests
{
    private static readonly string[] Files =
        [.. Directory.GetFiles(Repository.File("config", "samples"), "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static readonly string[] Monitors = [.. Files.Except(Named("probepool-")).Except(Named("channel-"))];

    public static TheoryData<string> Samples => [.. Monitors];

    public static TheoryData<string> Pools => [.. Named("probepool-")];

    public static TheoryData<string> Channels => [.. Named("channel-")];

    public static TheoryData<string> Starters => [.. Files.Where(f => f.StartsWith("starter-", StringComparison.Ordinal))];

    private static IEnumerable<string> Named(string prefix) => Files.Where(f => f.StartsWith(prefix, StringComparison.Ordinal));

    [Theory, MemberData(nameof(Samples))]
    public void Read_Sample_IsAMonitorThatThisVersionChecks(string file)
    {
        var text = File.ReadAllText(Repository.File("config", "samples", file));

        var document = Assert.Single(ManifestReader.Read(text, file));

        Assert.Empty(document.Errors);
        Assert.Empty(NotSupportedFields.Of(document.Monitor!));
        Assert.Equal("http", document.Monitor!.ToMonitor("uid", 1).Spec.Check.Kind);
        Assert.StartsWith("# ", text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Pools))]
    public void Read_PoolSample_IsAPool(string file)
    {
        var text = File.ReadAllText(Repository.File("config", "samples", file));

        var document = Assert.Single(ManifestReader.ReadAll(text, file));

        Assert.Empty(document.Errors);
        Assert.Equal("healthtrack", document.Pool!.Metadata.Namespace);
        Assert.StartsWith("# ", text, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Channels))]
    public void Read_ChannelSample_IsAChannelThatThisVersionTells(string file)
    {
        var text = File.ReadAllText(Repository.File("config", "samples", file));

        var document = Assert.Single(ManifestReader.ReadAll(text, file));

        Assert.Empty(document.Errors);
        Assert.Contains(document.Channel!.ToChannel().Type, (string[])["slack", "webhook"]);
        Assert.StartsWith("# ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_Together_HaveNamesOfTheirOwn()
    {
        var keys = Monitors.Select(f => ManifestReader.Read(File.ReadAllText(Repository.File("config", "samples", f)), f)[0].Key).ToList();

        Assert.True(keys.Count >= 8);
        Assert.Equal(keys.Count, keys.Distinct().Count());
    }

    [Theory, MemberData(nameof(Starters))]
    public void Read_Starter_AsksOnlyThisMachineAndNeedsNoSecret(string file)
    {
        var check = ManifestReader.Read(File.ReadAllText(Repository.File("config", "samples", file)), file)[0].Monitor!.ToMonitor("uid", 1).Spec.Check;

        Assert.StartsWith("http://127.0.0.1:", check.Target, StringComparison.Ordinal);
        Assert.Empty(check.Secrets);
    }
}
