namespace HealthTrack.Engine.Deadman;

/// <summary>
/// The URL of the dead man's switch, from a setting or a file. It may hold a token: what is said of it in logs, problems and the API is its host at most.
/// </summary>
/// <param name="url">The URL; null where it is in a file.</param>
/// <param name="file">The file that holds it, read anew at each call; null where there is none.</param>
internal sealed class DeadmanUrl(string? url, string? file)
{
    private const string Wanted = "must be an http or https URL without a user name, such as https://deadman.example.org/ping/TOKEN; it is not shown here, because it may be a secret.";

    /// <summary>Whether the options name one.</summary>
    public static bool IsIn(EngineOptions options) => options.DeadmanUrl is not null || options.DeadmanUrlFile is not null;

    /// <summary>That of the options.</summary>
    public static DeadmanUrl Of(EngineOptions options) => new(options.DeadmanUrl, options.DeadmanUrlFile);

    /// <summary>The URL as it is now.</summary>
    /// <exception cref="FormatException">There is none; a sentence names the flag and says what would be right, without the URL.</exception>
    public Uri Read()
    {
        if (url is not null && file is not null)
            throw new FormatException("--deadman-url and --deadman-url-file both say where the dead man's switch is: give one of them.");
        if (file?.Contains("://", StringComparison.Ordinal) == true)
            throw new FormatException("--deadman-url-file must be the path of a file that holds the URL; the URL itself is given by --deadman-url. It is not shown here, because it may be a secret.");
        return file is null
            ? Parse(url ?? "") ?? throw new FormatException($"--deadman-url {Wanted}")
            : Parse(Content(file)) ?? throw new FormatException($"--deadman-url-file {file}: what it holds {Wanted}");
    }

    // A blank within is that of a second line, or of a slip.
    private static Uri? Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo: "" } && !text.Any(char.IsWhiteSpace) ? uri : null;

    private static string Content(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new FormatException($"--deadman-url-file {file} cannot be read: {e.Message}");
        }
    }
}
