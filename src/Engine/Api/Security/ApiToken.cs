using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Api.Security;

/// <summary>The bearer token in a file. The file is looked at once a second at most and read anew when it changed. Thread-safe.</summary>
internal sealed class ApiToken(string file, TimeProvider time, ILogger<ApiToken> log)
{
    private const int MinLength = 16;
    private const int MaxLength = 4096;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private byte[]? _hash;
    private (DateTime Written, long Length) _seen;
    private long _lookedAt;
    private string? _problem;

    /// <summary>What keeps a file from being used, as a sentence; null where nothing does.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What it is, for the sentence.</param>
    public static string? Problem(string file, string what = "API token")
    {
        try
        {
            var length = Read(file).Length;
            return length is < MinLength or > MaxLength
                ? $"The {what} in {file} must be {MinLength} to {MaxLength} characters long; it has {length}."
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"The {what} file {file} cannot be read: {e.Message}";
        }
    }

    /// <summary>Whether a credential is the token. While the file cannot be used, none is.</summary>
    public bool Accepts(string credential)
    {
        var offered = Hash(credential);
        lock (_gate)
        {
            LookWhenDue();
            // Hashes are of one length, so that the time taken says nothing of the token's.
            return _hash is not null && CryptographicOperations.FixedTimeEquals(offered, _hash);
        }
    }

    private void LookWhenDue()
    {
        if (_lookedAt != 0 && time.GetElapsedTime(_lookedAt) < LookAgain)
            return;
        _lookedAt = time.GetTimestamp();
        // A secret that Kubernetes mounts is a link: it is the file behind it that changes.
        var target = new FileInfo(file);
        if (target.Exists && target.ResolveLinkTarget(returnFinalTarget: true) is FileInfo final)
            target = final;
        var seen = target.Exists ? (target.LastWriteTimeUtc, target.Length) : default;
        if (seen == _seen && _hash is not null)
            return;
        var problem = Problem(file);
        _hash = problem is null ? Hash(Read(file)) : null;
        _seen = seen;
        if (problem is not null && problem != _problem)
            Log.TokenUnreadable(log, problem);
        _problem = problem;
    }

    private static string Read(string file) => File.ReadAllText(file).Trim();

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
