using HealthTrack.Core.Monitors;
using HealthTrack.Operator.Entities;
using Microsoft.Extensions.Time.Testing;

namespace HealthTrack.Operator.Tests.Entities;

public sealed class LastKnownSecretsTests
{
    [Fact]
    public void Remember_WhatNobodyAskedForInADay_IsForgotten()
    {
        var time = new FakeTimeProvider();
        var known = new LastKnownSecrets(time);
        var (left, used) = (new SecretRef("left", "k"), new SecretRef("used", "k"));
        known.Remember("ns", left, "a");
        known.Remember("ns", used, "b");
        for (var hour = 0; hour < 26; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
            Assert.Equal("b", known.Find("ns", used));
        }
        known.Remember("ns", new SecretRef("new", "k"), "c");

        Assert.Equal(2, known.Count);
        Assert.Null(known.Find("ns", left));
    }
}
