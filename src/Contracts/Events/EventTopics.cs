namespace HealthTrack.Contracts.Events;

/// <summary>The Kafka topics that HealthTrack writes, and the CloudEvents type of each. A message's key is <c>namespace/name</c> of the monitor.</summary>
public static class EventTopics
{
    /// <summary>Every check that is stored: <see cref="CheckEvent"/>.</summary>
    public const string Checks = "health_checks";

    /// <summary>Every change of a service's health: <see cref="HealthChangeEvent"/>.</summary>
    public const string Changes = "health_changes";

    /// <summary>Every alert that fires, becomes more urgent, is acknowledged or ends: <see cref="AlertEvent"/>.</summary>
    public const string Alerts = "health_alerts";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Checks, Changes, Alerts];

    /// <summary>The CloudEvents type of a topic's messages: it changes when a field is removed or means something else.</summary>
    public static string TypeOf(string topic) => topic switch
    {
        Checks => "io.healthtrack.check.v1",
        Changes => "io.healthtrack.health-change.v1",
        Alerts => "io.healthtrack.alert.v1",
        _ => throw new ArgumentOutOfRangeException(nameof(topic), topic, "No topic of HealthTrack's."),
    };
}
