using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// One file of a watched folder: what is in force of it, and what was seen of a change that has not settled. Editors and tools truncate,
/// write in pieces, or move a file away and a new one in: a change counts only once it has stood still.
/// </summary>
internal sealed class FolderFile(string name, string path, string defaultNamespace)
{
    // A state is taken once it stood for Settled; one that looks half-done (gone, empty, broken) is given longer; a file that never stands still
    // is taken as it is after MaxWait. All of it, with the watcher's delay, stays within a second.
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(90);
    private static readonly TimeSpan SettledSuspect = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(600);

    // Two writes within one tick of a file system's clock look alike: a state this young is read again next time.
    private static readonly TimeSpan ClockTick = TimeSpan.FromSeconds(2);

    private FileStamp? _stamp;
    private bool _young;
    private string? _text;
    private string? _problem;
    private FileStamp? _candidate;
    private DateTimeOffset _candidateSince;
    private DateTimeOffset? _changedSince;

    public string Name => name;

    /// <summary>The documents in force.</summary>
    public IReadOnlyList<ManifestDocument> Documents { get; private set; } = [];

    /// <summary>The monitors that it declared when it was last readable, where it is not now.</summary>
    public IReadOnlySet<MonitorKey> Before { get; private set; } = new HashSet<MonitorKey>();

    /// <summary>Whether anything of it is in force.</summary>
    public bool Exists => _stamp is not null;

    /// <summary>Whether a change has been seen that has not settled: look again soon.</summary>
    public bool Unsettled => _changedSince is not null;

    /// <summary>Looks at the file.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">False: takes what is there at once, as at the start.</param>
    /// <param name="keepUntil">Before this a file that is not there is not taken for removed.</param>
    /// <returns>Whether what is in force changed.</returns>
    public bool Look(DateTimeOffset now, bool wait, DateTimeOffset keepUntil)
    {
        var stamp = ManifestFile.Stamp(path);
        // A change of permissions leaves no stamp: what could not be read is tried each time.
        if (stamp == _stamp && !_young && _problem is null)
        {
            Forget();
            return false;
        }

        if (stamp is null)
            return Wait(now, null, wait, suspect: true) && now >= keepUntil && Take(null, "", null, [], now);
        var (text, problem) = ManifestFile.Read(path, stamp);
        if (stamp == _stamp && text == _text && problem == _problem)
        {
            _young = IsYoung(stamp, now);
            Forget();
            return false;
        }

        var documents = Parse(text, problem);
        var suspect = documents.Count == 0 || documents.Any(document => document.Errors.Count > 0);
        return Wait(now, stamp, wait, suspect) && Take(stamp, text, problem, documents, now);
    }

    /// <summary>Begins anew to wait for a change to settle.</summary>
    public void Forget() => _changedSince = null;

    private bool Wait(DateTimeOffset now, FileStamp? stamp, bool wait, bool suspect)
    {
        if (!wait)
            return true;
        if (_changedSince is null || _candidate != stamp)
            (_candidate, _candidateSince) = (stamp, now);
        _changedSince ??= now;
        return now - _candidateSince >= (suspect ? SettledSuspect : Settled) || now - _changedSince >= MaxWait;
    }

    private bool Take(FileStamp? stamp, string text, string? problem, IReadOnlyList<ManifestDocument> documents, DateTimeOffset now)
    {
        (_stamp, _text, _problem, Documents) = (stamp, text, problem, documents);
        _young = stamp is not null && IsYoung(stamp, now);
        Forget();
        var seen = documents.Where(document => document.Manifest.Length > 0 && document.Key is not null).Select(document => document.Key!.Value);
        // What a broken part hides: all that was there before and is not to be seen now. A file that was broken from the start is searched for names.
        Before = documents.Any(IsPoison)
            ? (Before.Count > 0 ? Before : GuessedKeys.In(text, defaultNamespace)).Union(seen).ToHashSet()
            : seen.ToHashSet();
        return true;
    }

    /// <summary>Whether nothing can be told of a document but that it is broken.</summary>
    public static bool IsPoison(ManifestDocument document) => document.Key is null;

    private IReadOnlyList<ManifestDocument> Parse(string text, string? problem)
    {
        try
        {
            return problem is null ? ManifestReader.Read(text, name, defaultNamespace) : Unreadable(problem);
        }
        catch (Exception error)
        {
            // The reader does not throw on any text; should it be wrong in that, the other files still go on.
            return Unreadable($"could not be read because of a defect in HealthTrack ({error.GetType().Name}: {error.Message})");
        }
    }

    private ManifestDocument[] Unreadable(string problem) =>
        [new ManifestDocument { Origin = name, Line = 1, Errors = [new FieldError("", problem)] }];

    private static bool IsYoung(FileStamp stamp, DateTimeOffset now) => (now.UtcDateTime - stamp.Written).Duration() < ClockTick;
}
