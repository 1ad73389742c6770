using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Intake;

/// <summary>What all files of a folder declare together.</summary>
/// <param name="ByKey">One declaration a monitor.</param>
/// <param name="Problems">What is not to be seen in any declaration, a sentence each.</param>
internal sealed record FolderDeclarations(IReadOnlyDictionary<MonitorKey, MonitorDeclaration> ByKey, IReadOnlyList<string> Problems)
{
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
        foreach (var file in ordered)
        {
            foreach (var document in file.Documents.Where(IsMonitor))
                Claim(declarations, problems, file, document);
        }

        foreach (var file in ordered)
            AddBroken(declarations, problems, file, defaultNamespace);
        return new FolderDeclarations(declarations, problems);
    }

    private static bool IsMonitor(ManifestDocument document) => document.Key is not null && document.Manifest.Length > 0;

    private static void Claim(
        Dictionary<MonitorKey, MonitorDeclaration> declarations, List<string> problems, FolderFile file, ManifestDocument document)
    {
        var key = document.Key!.Value;
        if (declarations.TryGetValue(key, out var winner))
        {
            problems.Add(winner.Origin == file.Name
                ? $"{key} is declared twice in {file.Name}: the first declaration is in force, remove the other."
                : $"{key} is declared in {winner.Origin} and in {file.Name}: the one in {winner.Origin} is in force, remove the other.");
            return;
        }

        declarations.Add(key, Declare(document, key, file));
    }

    private static MonitorDeclaration Declare(ManifestDocument document, MonitorKey key, FolderFile file)
    {
        try
        {
            return MonitorDeclarations.From(document, MonitorUid.For(key), file.Name);
        }
        catch (Exception error)
        {
            // No document should make this fail; should one do it, the other monitors still go on.
            var problem = $"could not be taken over because of a defect in HealthTrack ({error.GetType().Name}: {error.Message})";
            return Broken(key, file, [new FieldError("", problem)]);
        }
    }

    private static void AddBroken(
        Dictionary<MonitorKey, MonitorDeclaration> declarations, List<string> problems, FolderFile file, string defaultNamespace)
    {
        // Documents of another kind have a name, which must not hide a monitor of that name.
        foreach (var document in file.Documents.Where(document => document.Key is not null && !IsMonitor(document)))
        {
            var key = document.Key!.Value;
            if (!declarations.TryAdd(key, Broken(key, file, document.Errors)))
                problems.Add($"A document of {file.Name} is no ServiceMonitor: {string.Join("; ", document.Errors)}");
        }

        var errors = file.Documents.Where(FolderFile.IsPoison).SelectMany(document => document.Errors).ToList();
        if (errors.Count == 0)
            return;
        var shown = file.Before.Count(key => declarations.TryAdd(key, Broken(key, file, errors)));
        if (shown > 0)
            return;
        var placeholder = new MonitorKey(defaultNamespace, Slug.Of(Path.GetFileNameWithoutExtension(file.Name)));
        if (!declarations.TryAdd(placeholder, Broken(placeholder, file, errors)))
            problems.Add($"{file.Name}: {string.Join("; ", errors)}");
    }

    private static MonitorDeclaration Broken(MonitorKey key, FolderFile file, IReadOnlyList<FieldError> errors) =>
        new() { Key = key, Uid = MonitorUid.For(key), Origin = file.Name, Errors = errors };
}
