using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>Turns what the reader found into what a source declares.</summary>
public static class MonitorDeclarations
{
    /// <summary>
    /// The declaration of one document: a monitor, or the errors, or (for a kind that this version cannot check) neither, with the kind
    /// in <see cref="MonitorDeclaration.NotSupported"/>.
    /// </summary>
    /// <param name="document">A document whose <see cref="ManifestDocument.Key"/> is known.</param>
    /// <param name="uid">The incarnation: the cluster's UID, or <see cref="MonitorUid.For"/>.</param>
    /// <param name="origin">Where it was found, for messages.</param>
    /// <param name="generation">The cluster's generation; null where the source counts none.</param>
    /// <exception cref="ArgumentException">The document has no usable name: there is nothing to declare it under.</exception>
    public static MonitorDeclaration From(ManifestDocument document, string uid, string origin, long? generation = null)
    {
        var declaration = new MonitorDeclaration
        {
            Key = document.Key ?? throw new ArgumentException("The document has no usable name and namespace.", nameof(document)),
            Uid = uid,
            Origin = origin,
            Errors = document.Errors,
            Manifest = document.Manifest,
            HasGeneration = generation is not null,
            Generation = generation,
        };
        if (document.Monitor is not { } monitor)
            return declaration;
        return declaration with
        {
            Monitor = monitor.CanCheck() ? Named(monitor.ToMonitor(uid, generation ?? 1), declaration.Key) : null,
            NotSupported = NotSupportedFields.Of(monitor),
        };
    }

    // The same names, and the same objects: each is held once.
    private static Monitor Named(Monitor monitor, MonitorKey key) =>
        monitor with { Key = key, DisplayName = monitor.DisplayName == key.Name ? key.Name : monitor.DisplayName };
}
