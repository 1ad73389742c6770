using CsCheck;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Monitors;

public sealed class StatusRangeTests
{
    [Theory]
    [InlineData("200", 200, 200)]
    [InlineData("100", 100, 100)]
    [InlineData("599", 599, 599)]
    [InlineData("1xx", 100, 199)]
    [InlineData("2xx", 200, 299)]
    [InlineData("5xx", 500, 599)]
    [InlineData("400-404", 400, 404)]
    [InlineData("404-404", 404, 404)]
    [InlineData("100-599", 100, 599)]
    public void TryParse_OneOfTheThreeForms_IsRead(string text, int from, int to)
    {
        Assert.True(StatusRange.TryParse(text, out var range));
        Assert.Equal(new StatusRange(from, to), range);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 200")]
    [InlineData("200 ")]
    [InlineData("200\n")]
    [InlineData("2xx\n")]
    [InlineData("20")]
    [InlineData("2000")]
    [InlineData("099")]
    [InlineData("600")]
    [InlineData("0xx")]
    [InlineData("6xx")]
    [InlineData("2XX")]
    [InlineData("2x")]
    [InlineData("2xx-3xx")]
    [InlineData("404-400")]
    [InlineData("400-")]
    [InlineData("-404")]
    [InlineData("400 - 404")]
    [InlineData("400-404-410")]
    [InlineData("400,404")]
    [InlineData("+200")]
    [InlineData("٢٠٠")]
    [InlineData("ok")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(StatusRange.TryParse(text, out _));

    [Fact]
    public void TryParse_WhatToStringWrote_IsTheSameRange() =>
        Gen.Select(Gen.Int[100, 599], Gen.Int[100, 599]).Sample(
            (a, b) =>
            {
                var range = new StatusRange(Math.Min(a, b), Math.Max(a, b));
                Assert.True(StatusRange.TryParse(range.ToString(), out var read));
                Assert.Equal(range, read);
            },
            iter: 5_000);

    [Fact]
    public void Contains_ARange_HasBothEnds()
    {
        var range = new StatusRange(400, 404);
        Assert.Equal([400, 401, 402, 403, 404], Enumerable.Range(100, 500).Where(range.Contains));
    }
}
