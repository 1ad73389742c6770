using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;

namespace HealthTrack.Dashboard.Tests;

public sealed class StreamEventsTests
{
    private readonly StreamEvents _events = new();

    [Fact]
    public void Read_RowsWithTextsAlike_HoldsEachOnce()
    {
        var first = Read<ServiceRow>("service", Rows.Service(1, "a"));
        var second = Read<ServiceRow>("service", Rows.Service(2, "b"));
        Assert.Same(first.Health, second.Health);
        Assert.Same(first.Namespace, second.Namespace);
        Assert.Same(first.Levels.Apdex, second.Levels.Uptime);
    }

    [Fact]
    public void Read_EveryKind_IsWhatWasWritten()
    {
        foreach (var row in Rows.Varied(Rows.Noon))
            Assert.Equal(JsonSerializer.Serialize(row, ApiJson.Options), JsonSerializer.Serialize(Read<ServiceRow>("service", row), ApiJson.Options));
        var check = Rows.Check(1, "error", 500, "said \"no\" → \\ and more");
        Assert.Equal(check, Read<CheckRow>("check", check));
        Assert.Equal(3, Read<StreamReset>("reset", new StreamReset(3)).Services);
        Assert.Equal(7, Read<RemovedRow>("removed", new RemovedRow(7, "default", "a")).Id);
    }

    [Theory]
    [InlineData("service", "{\"id\": 1}")]
    [InlineData("service", "{")]
    [InlineData("removed", "{\"id\": 1, \"namespace\": 5, \"name\": \"a\"}")]
    [InlineData("check", "\"\\ud800\"")]
    public void Read_WhatIsNoRow_IsAJsonException(string type, string data) =>
        Assert.IsType<JsonException>(_events.Read(type, System.Text.Encoding.UTF8.GetBytes(data)), exactMatch: false);

    [Fact]
    public void Read_AnotherType_IsNull() => Assert.Null(_events.Read("message", "{}"u8));

    private T Read<T>(string type, T row) =>
        Assert.IsType<T>(_events.Read(type, JsonSerializer.SerializeToUtf8Bytes(row, ApiJson.Options)));
}
