using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Intake;

/// <summary>What one file says, by how sure it is whom it speaks of.</summary>
/// <param name="Monitors">Its ServiceMonitors, valid or with errors, in order.</param>
/// <param name="Foreign">Named documents of another kind, with errors: they must not hide a monitor of that name.</param>
/// <param name="Broken">The errors of documents of which not even a name is known.</param>
/// <param name="Hidden">The monitors that the broken documents may belong to: declared before by this file, where it is not readable as a whole now.</param>
internal sealed record FileContent(
    IReadOnlyList<MonitorDeclaration> Monitors,
    IReadOnlyList<MonitorDeclaration> Foreign,
    IReadOnlyList<FieldError> Broken,
    IReadOnlySet<MonitorKey> Hidden)
{
    public static FileContent Empty { get; } = new([], [], [], new HashSet<MonitorKey>());

    /// <summary>Whether it has sound resources that are no monitors.</summary>
    public bool HoldsOthers { get; init; }

    /// <summary>Its sound notification channels, in order.</summary>
    public IReadOnlyList<NotificationChannel> Channels { get; init; } = [];

    /// <summary>Its notification channels with errors, in order.</summary>
    public IReadOnlyList<(ChannelKey Key, string Problem)> WrongChannels { get; init; } = [];

    /// <summary>Sorts the documents of a file.</summary>
    /// <param name="documents">What was read.</param>
    /// <param name="text">The whole text.</param>
    /// <param name="origin">The file's name.</param>
    /// <param name="defaultNamespace">The namespace of a manifest that names none.</param>
    /// <param name="before">What the file said before.</param>
    public static FileContent Of(
        IReadOnlyList<ManifestDocument> documents, string text, string origin, string defaultNamespace, FileContent before)
    {
        var monitors = new List<MonitorDeclaration>();
        var foreign = new List<MonitorDeclaration>();
        var broken = new List<FieldError>();
        // Without a cluster there is nothing that a pool could run on: a sound one is none of our business, nor a mistake.
        foreach (var document in documents.Where(d => !IsSoundOther(d)))
        {
            if (document.Key is not { } key)
                broken.AddRange(document.Errors);
            else if (document.Kind == ServiceMonitor.KindName)
                monitors.Add(Declare(document, key, origin));
            else
                foreign.Add(Failed(key, origin, document.Errors));
        }

        return new FileContent(monitors.ToArray(), foreign.ToArray(), broken.ToArray(), broken.Count == 0 ? Empty.Hidden : MayBeHidden(text, defaultNamespace, before))
        {
            HoldsOthers = documents.Any(IsSoundOther),
            Channels = documents.Select(d => d.Channel).OfType<NotificationChannelResource>().Select(c => c.ToChannel()).ToArray(),
            WrongChannels = documents
                .Where(d => d is { Kind: NotificationChannelResource.KindName, Key: not null, Errors.Count: > 0 })
                .Select(d => (new ChannelKey(d.Key!.Value.Namespace, d.Key.Value.Name), $"{origin}: {string.Join("; ", d.Errors.Take(5))}.")).ToArray(),
        };
    }

    /// <summary>The declaration of a monitor that cannot be read.</summary>
    public static MonitorDeclaration Failed(MonitorKey key, string origin, IReadOnlyList<FieldError> errors) =>
        new() { Key = key, Uid = MonitorUid.For(key), Origin = origin, Errors = errors };

    private static bool IsSoundOther(ManifestDocument document) => document is { Errors.Count: 0, Monitor: null, Resource: not null };

    // A file that was broken from the start is searched for names: see GuessedKeys.
    private static IReadOnlySet<MonitorKey> MayBeHidden(string text, string defaultNamespace, FileContent before)
    {
        var known = before.Monitors.Select(declaration => declaration.Key).Concat(before.Hidden).ToHashSet();
        return known.Count > 0 ? known : GuessedKeys.In(text, defaultNamespace);
    }

    private static MonitorDeclaration Declare(ManifestDocument document, MonitorKey key, string origin)
    {
        try
        {
            return MonitorDeclarations.From(document, MonitorUid.For(key), origin);
        }
        catch (Exception error)
        {
            // No document should make this fail; should one do it, the other monitors still go on.
            var problem = $"could not be taken over because of a defect in HealthTrack ({error.GetType().Name}: {error.Message})";
            return Failed(key, origin, [new FieldError("", problem)]);
        }
    }
}
