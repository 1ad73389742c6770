using CsCheck;
using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Tests.Checks;

public sealed class StableHashTests
{
    // Computed by another program. They may never change: due times and the placement of monitors on workers hang on them.
    [Theory]
    [InlineData("", "", 0x403f700b5192d6d5)]
    [InlineData("a", "", 0x2022fd34d4cc3099)]
    [InlineData("", "a", 0x834109a495cd02f0)]
    [InlineData("ab", "c", 0xe6b394761dc8b41f)]
    [InlineData("a", "bc", 0xe552540ec15c2c98)]
    [InlineData("0b6e6a4e-9d0c-4a53-8f6e-2b1d3c4e5f60", "default", 0x092607f693edf33a)]
    [InlineData("0b6e6a4e-9d0c-4a53-8f6e-2b1d3c4e5f60", "eu-west", 0x3be05c6d06cdaa2c)]
    [InlineData("żółw", "🐢", 0x7f04f9cb132eaf3d)]
    public void Of_KnownStrings_IsWhatItAlwaysWas(string first, string second, ulong hash) => Assert.Equal(hash, StableHash.Of(first, second));

    [Fact]
    public void Of_OneBitOfDifference_ChangesAboutHalfOfTheBits()
    {
        var changed = 0L;
        const int Samples = 5_000;
        for (var i = 0; i < Samples; i++)
            changed += long.PopCount((long)(StableHash.Of($"monitor-{i}", "a") ^ StableHash.Of($"monitor-{i}", "b")));
        Assert.InRange(changed / (double)Samples, 31, 33);
    }

    [Fact]
    public void Of_OtherStrings_IsAnotherHash() =>
        Gen.Select(Gen.String.AlphaNumeric, Gen.String.AlphaNumeric, Gen.String.AlphaNumeric, Gen.String.AlphaNumeric).Sample(
            (a, b, c, d) => Assert.Equal((a, b) == (c, d), StableHash.Of(a, b) == StableHash.Of(c, d)), iter: 10_000);
}
