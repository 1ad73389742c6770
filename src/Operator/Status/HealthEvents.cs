using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Sre;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Status;

/// <summary>The events that a change of status is worth: health that turned, and a spec that turned wrong.</summary>
internal static class HealthEvents
{
    private const string Stalled = "Stalled";

    /// <summary>From one status that was written to the next.</summary>
    public static IEnumerable<(string Reason, string Message, EventType Type)> Between(ServiceMonitorStatus? before, ServiceMonitorStatus now)
    {
        var stalled = now.Conditions?.FirstOrDefault(c => c.Type == Stalled);
        // Another mistake after the first is told too.
        if (stalled is not null && before?.Conditions?.FirstOrDefault(c => c.Type == Stalled)?.Message != stalled.Message)
            yield return (stalled.Reason, stalled.Message, EventType.Warning);
        // That a monitor begins by knowing nothing is no news; that the spec is wrong has been said.
        var news = before?.Health is null ? now.Health is not (nameof(Health.Unknown) or nameof(Health.Suspended)) : before.Health != now.Health;
        if (news && now.Reason != HealthReasons.InvalidSpec)
            yield return (now.Reason ?? now.Health ?? "", $"{before?.Health ?? nameof(Health.Unknown)} → {now.Health}: {now.Message}", TypeOf(now.Health));
    }

    private static EventType TypeOf(string? health) =>
        health is nameof(Health.Healthy) or nameof(Health.Suspended) ? EventType.Normal : EventType.Warning;
}
