using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Intake;

namespace HealthTrack.Engine.Tests.Intake;

/// <summary>What a declaration comes to, step by step: each step's row is what the next one finds stored.</summary>
public sealed class IntakeStepTests
{
    private const string A = "http: {url: 'http://127.0.0.1:1/'}";
    private const string B = "http: {url: 'http://127.0.0.1:2/'}";
    private const string Tcp = "tcp: {host: 127.0.0.1, port: 1}";
    private const string Broken = "http: {ulr: 'http://127.0.0.1:1/'}";

    [Theory]
    [InlineData(A, A + ", displayName: x", 100, 1, 2)]
    [InlineData(A, A + ", interval: 10s", 100, 1, 2)]
    [InlineData(A, B, 200, 2, 2)]
    [InlineData(A, Tcp, 200, 2, 2)]
    [InlineData(Tcp, B, 200, 2, 2)]
    [InlineData(A, A, 100, 1, 1)]
    public void Decide_ChangedSpec_RestartsWithAnotherTargetOrKindAlone(string before, string after, long countsFrom, long fromGeneration, long generation)
    {
        var first = IntakeStep.Decide(Declared(before), null, 50).Row with { CountsFrom = 100 };
        var second = IntakeStep.Decide(Declared(after), first, 200).Row;

        Assert.Equal((countsFrom, fromGeneration, generation), (second.CountsFrom, second.CountsFromGeneration, second.Generation));
    }

    [Fact]
    public void Decide_TurnedInvalidAndMended_KeepsTheLastGoodFormAndItsCounts()
    {
        var good = IntakeStep.Decide(Declared(A), null, 50);
        var broken = IntakeStep.Decide(Declared(Broken), good.Row, 100);
        Assert.Equal("http://127.0.0.1:1/", broken.Monitor!.Spec.Check.Target);
        Assert.Equal(good.Row, broken.Row);

        var mended = IntakeStep.Decide(Declared(A), broken.Row, 200);
        Assert.False(mended.RowChanged);
    }

    [Fact]
    public void Decide_NeverValid_HasNoMonitorAndBeginsWhenItIsMended()
    {
        var broken = IntakeStep.Decide(Declared(Broken), null, 50);
        Assert.Null(broken.Monitor);

        var mended = IntakeStep.Decide(Declared(A), broken.Row, 100);
        Assert.Equal((2, 0), (mended.Monitor!.Generation, mended.Row.CountsFrom));
    }

    [Fact]
    public void Decide_DeletedAndDeclaredAgain_IsANewLifeUnderTheSameId()
    {
        var first = IntakeStep.Decide(Declared(A), null, 50).Row with { Id = 7 };
        var again = IntakeStep.Decide(Declared(A), first with { DeletedAt = 80 }, 100).Row;

        Assert.Equal((7, 100, 2, null), (again.Id, again.CountsFrom, again.CountsFromGeneration, again.DeletedAt));
    }

    private static MonitorDeclaration Declared(string spec)
    {
        var text = $$"""
            apiVersion: sre.healthtrack.io/v1alpha1
            kind: ServiceMonitor
            metadata: {name: api}
            spec: { {{spec}} }
            """;
        return MonitorDeclarations.From(ManifestReader.Read(text, "api.yaml").Single(), "uid", "api.yaml");
    }
}
