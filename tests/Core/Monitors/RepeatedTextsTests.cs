using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Monitors;

public sealed class RepeatedTextsTests
{
    private readonly RepeatedTexts _texts = new();

    [Fact]
    public void One_TheSameTextAgain_IsTheSameObject()
    {
        var first = _texts.One("default".AsSpan());
        Assert.Same(first, _texts.One("default".AsSpan()));
        Assert.Same(first, _texts.One(new string("default")));
    }

    [Fact]
    public void One_OfManyMoreTextsThanAreHeld_IsEachTimeTheText()
    {
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 20_000; i++)
            {
                Assert.Equal($"text {i}", _texts.One($"text {i}".AsSpan()));
                Assert.Equal($"text {i}", _texts.One($"text {i}"));
            }
        }
    }

    [Fact]
    public void One_OfALongText_IsNotHeld()
    {
        var longest = new string('a', RepeatedTexts.Longest);
        Assert.Same(_texts.One(longest.AsSpan()), _texts.One(longest.AsSpan()));
        Assert.NotSame(_texts.One((longest + "a").AsSpan()), _texts.One((longest + "a").AsSpan()));
        Assert.Equal("", _texts.One([]));
    }
}
