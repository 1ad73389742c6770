namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>What the schema of a NotificationChannel cannot say. Runs over channels with holes too.</summary>
internal static class NotificationChannelRules
{
    public static void Check(NotificationChannelResource channel, Findings findings) => MetadataRules.Check(channel.Metadata, findings);
}
