using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Intake;

/// <summary>
/// One file of a watched folder: what is in force of it, and what was seen of a change that has not settled. Editors and tools truncate,
/// write in pieces, or move a file away and a new one in: a change counts only once it has stood still.
/// </summary>
/// <param name="folder">The folder's path.</param>
/// <param name="name">The file's name in it.</param>
/// <param name="defaultNamespace">The namespace of a manifest that names none.</param>
internal sealed class FolderFile(string folder, string name, string defaultNamespace)
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
    private UInt128 _digest;
    private string? _problem;
    private Change? _change;

    public string Name => name;

    /// <summary>What is in force.</summary>
    public FileContent Content { get; private set; } = FileContent.Empty;

    /// <summary>Whether anything of it is in force.</summary>
    public bool Exists => _stamp is not null;

    /// <summary>Whether a change has been seen that has not settled: look again soon.</summary>
    public bool Unsettled => _change is not null;

    /// <summary>Looks at the file.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">False: takes what is there at once, as at the start.</param>
    /// <param name="keepUntil">Before this a file that is not there is not taken for removed.</param>
    /// <returns>Whether what is in force changed.</returns>
    public bool Look(DateTimeOffset now, bool wait, DateTimeOffset keepUntil)
    {
        // Made anew for each look: ten thousand paths that are kept are memory.
        var path = Path.Combine(folder, name);
        var stamp = ManifestFile.Stamp(path);
        // A change of permissions leaves no stamp: what could not be read is tried each time.
        if (stamp == _stamp && !_young && _problem is null)
        {
            Forget();
            return false;
        }

        if (stamp is null)
        {
            if (!Wait(now, null, wait, suspect: true) || now < keepUntil)
                return false;
            Take(null, default, null, now);
            Content = FileContent.Empty;
            return true;
        }

        var (text, problem) = ManifestFile.Read(path, stamp.Value);
        var digest = DigestOf(text);
        if (stamp == _stamp && digest == _digest && problem == _problem)
        {
            Take(stamp, digest, problem, now);
            return false;
        }

        var documents = Parse(text, problem);
        var suspect = documents.Count == 0 || documents.Any(document => document.Errors.Count > 0);
        if (!Wait(now, stamp, wait, suspect))
            return false;
        Take(stamp, digest, problem, now);
        Content = FileContent.Of(documents, text, name, defaultNamespace, before: Content);
        return true;
    }

    /// <summary>Begins anew to wait for a change to settle.</summary>
    public void Forget() => _change = null;

    private bool Wait(DateTimeOffset now, FileStamp? stamp, bool wait, bool suspect)
    {
        if (!wait)
            return true;
        _change = _change is null ? new Change(stamp, now, now) : _change.Stamp == stamp ? _change : _change with { Stamp = stamp, StampSince = now };
        return now - _change.StampSince >= (suspect ? SettledSuspect : Settled) || now - _change.Since >= MaxWait;
    }

    // Half of it tells texts apart as surely.
    private static UInt128 DigestOf(string text) => BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private void Take(FileStamp? stamp, UInt128 digest, string? problem, DateTimeOffset now)
    {
        (_stamp, _digest, _problem) = (stamp, digest, problem);
        _young = stamp is not null && (now.UtcDateTime - stamp.Value.Written).Duration() < ClockTick;
        Forget();
    }

    private IReadOnlyList<ManifestDocument> Parse(string text, string? problem)
    {
        try
        {
            return problem is null ? ManifestReader.ReadAll(text, name, defaultNamespace) : Unreadable(problem);
        }
        catch (Exception error)
        {
            // The reader does not throw on any text; should it be wrong in that, the other files still go on.
            return Unreadable($"could not be read because of a defect in HealthTrack ({error.GetType().Name}: {error.Message})");
        }
    }

    private ManifestDocument[] Unreadable(string problem) =>
        [new ManifestDocument { Origin = name, Line = 1, Errors = [new FieldError("", problem)] }];

    // Seen and not settled: the newest state, since when it stands, and since when it is another than the one in force.
    private sealed record Change(FileStamp? Stamp, DateTimeOffset StampSince, DateTimeOffset Since);
}
