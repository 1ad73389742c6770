using System.Text.Json;
using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Contracts.Tests;

public class ServiceMonitorJsonTests
{
    [Fact]
    public void Serialize_EveryField_ReadsBackTheSame()
    {
        foreach (var document in GoldenTests.Documents("full"))
        {
            var json = JsonSerializer.Serialize(document.Monitor, ServiceMonitorJson.Options);

            var again = Assert.Single(ManifestReader.Read(json, "f"));

            Assert.Empty(again.Errors);
            Assert.Equal(json, JsonSerializer.Serialize(again.Monitor, ServiceMonitorJson.Options));
            Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<ServiceMonitor>(json, ServiceMonitorJson.Options), ServiceMonitorJson.Options));
        }
    }

    [Fact]
    public void Serialize_Status_WritesNoNullsAndNoFloats()
    {
        var status = new ServiceMonitorStatus
        {
            Health = "Healthy",
            LastCheck = new LastCheckStatus { Time = DateTimeOffset.UnixEpoch, Outcome = "ok", LatencyMs = 12 },
            Metrics = new MetricsStatus { P95LatencyMs = 80, Uptime24hPercent = "99.95" },
        };

        Assert.Equal(
            """{"health":"Healthy","lastCheck":{"time":"1970-01-01T00:00:00+00:00","outcome":"ok","latencyMs":12},"metrics":{"p95LatencyMs":80,"uptime24hPercent":"99.95"}}""",
            JsonSerializer.Serialize(status, ServiceMonitorJson.Options));
    }
}
