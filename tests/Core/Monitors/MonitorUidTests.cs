using CsCheck;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Tests.Monitors;

public sealed class MonitorUidTests
{
    // Computed by another implementation of UUIDv5 over the same namespace. They may never change: due times hang on them.
    [Theory]
    [InlineData("default", "github-api", "e8106f9b-d756-5f1c-ac88-45f4b6d8f1b8")]
    [InlineData("default", "a", "71a0fd2b-43fa-55b6-a632-cc47e6bd7e5b")]
    [InlineData("prod", "a", "223ccfde-5684-5d85-b2cc-712a3f141742")]
    [InlineData("sre", "żółw", "e4b2dde1-c0ad-5c02-ac09-fcef7fe63bd4")]
    public void For_AKnownKey_IsWhatItAlwaysWas(string space, string name, string uid) =>
        Assert.Equal(uid, MonitorUid.For(new MonitorKey(space, name)));

    [Fact]
    public void For_AnyKey_IsOfVersion5AndTheRfcsVariant() =>
        Gen.Select(Gen.String, Gen.String).Sample(
            (space, name) =>
            {
                var uid = Guid.Parse(MonitorUid.For(new MonitorKey(space, name)));
                Assert.Equal((5, true), (uid.Version, uid.Variant is >= 8 and <= 11));
            },
            iter: 5_000);

    [Fact]
    public void For_AHugeHostileName_IsAUidAllTheSame() =>
        Assert.Equal(36, MonitorUid.For(new MonitorKey("default", new string('x', 4_000_000))).Length);
}
