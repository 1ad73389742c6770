using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Intake;

/// <summary>What all files of a folder declare together.</summary>
/// <param name="ByKey">One declaration a monitor.</param>
/// <param name="Problems">What is not to be seen in any declaration, a sentence each.</param>
internal sealed record FolderDeclarations(IReadOnlyDictionary<MonitorKey, MonitorDeclaration> ByKey, IReadOnlyList<string> Problems)
{
    /// <summary>The notification channels, one a name: the first by file name and place.</summary>
    public IReadOnlyDictionary<ChannelKey, NotificationChannel> Channels { get; private init; } = new Dictionary<ChannelKey, NotificationChannel>();

    /// <summary>The notification channels that are wrong, and what is wrong with them.</summary>
    public IReadOnlyDictionary<ChannelKey, string> WrongChannels { get; private init; } = new Dictionary<ChannelKey, string>();

    public static FolderDeclarations Empty { get; } = new(new Dictionary<MonitorKey, MonitorDeclaration>(), []);

    /// <summary>
    /// Resolves who declares what. ServiceMonitors come first, by file name and place: the first of a name wins. Then what is broken takes the names that it
    /// held before, where nobody else has taken them, or is shown under the file's own name.
    /// </summary>
    public static FolderDeclarations Of(IEnumerable<FolderFile> files, string defaultNamespace)
    {
        var ordered = files.OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        var declarations = new Dictionary<MonitorKey, MonitorDeclaration>();
        var problems = new List<string>();
        foreach (var declaration in ordered.SelectMany(file => file.Content.Monitors))
        {
            if (!declarations.TryAdd(declaration.Key, declaration))
                problems.Add(DeclaredTwice(declarations[declaration.Key], declaration));
        }

        foreach (var file in ordered)
        {
            AddForeign(declarations, problems, file);
            AddBroken(declarations, problems, file, defaultNamespace);
            if (file.Exists && file.Content is { Monitors.Count: 0, Foreign.Count: 0, Broken.Count: 0, HoldsOthers: false })
                problems.Add($"{file.Name} declares nothing: write a ServiceMonitor into it, or remove it.");
        }

        var channels = new Dictionary<ChannelKey, NotificationChannel>();
        foreach (var (file, channel) in ordered.SelectMany(file => file.Content.Channels, (file, channel) => (file, channel)))
        {
            if (!channels.TryAdd(channel.Key, channel))
                problems.Add($"The notification channel {channel.Key} is declared again in {file.Name}: the first declaration is in force, remove the other.");
        }

        var wrong = new Dictionary<ChannelKey, string>();
        foreach (var (key, problem) in ordered.SelectMany(file => file.Content.WrongChannels))
            wrong.TryAdd(key, problem);
        return new FolderDeclarations(declarations, problems) { Channels = channels, WrongChannels = wrong };
    }

    /// <summary>What the files read so far, the first by name, declare whatever the others hold: sound manifests and no problems.</summary>
    public static FolderDeclarations Sure(IEnumerable<FolderFile> files)
    {
        var declarations = new Dictionary<MonitorKey, MonitorDeclaration>();
        foreach (var declaration in files.OrderBy(file => file.Name, StringComparer.Ordinal).SelectMany(file => file.Content.Monitors))
            declarations.TryAdd(declaration.Key, declaration);
        return new FolderDeclarations(declarations, []);
    }

    private static string DeclaredTwice(MonitorDeclaration winner, MonitorDeclaration loser) => winner.Origin == loser.Origin
        ? $"{winner.Key} is declared twice in {winner.Origin}: the first declaration is in force, remove the other."
        : $"{winner.Key} is declared in {winner.Origin} and in {loser.Origin}: the one in {winner.Origin} is in force, remove the other.";

    private static void AddForeign(Dictionary<MonitorKey, MonitorDeclaration> declarations, List<string> problems, FolderFile file)
    {
        foreach (var declaration in file.Content.Foreign.Where(declaration => !declarations.TryAdd(declaration.Key, declaration)))
            problems.Add($"A document of {file.Name} is no ServiceMonitor: {string.Join("; ", declaration.Errors)}");
    }

    private static void AddBroken(
        Dictionary<MonitorKey, MonitorDeclaration> declarations, List<string> problems, FolderFile file, string defaultNamespace)
    {
        var errors = file.Content.Broken;
        if (errors.Count == 0)
            return;
        var shown = false;
        foreach (var key in file.Content.Hidden)
            shown |= Add(key);
        if (!shown && !Add(new MonitorKey(defaultNamespace, Slug.Of(Path.GetFileNameWithoutExtension(file.Name)))))
            problems.Add($"{file.Name}: {string.Join("; ", errors)}");

        bool Add(MonitorKey key) => declarations.TryAdd(key, FileContent.Failed(key, file.Name, errors));
    }
}
