namespace HealthTrack.EndToEnd.Tests;

/// <summary>The checkout that the tests were built from, and the programs built from it.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find();

    /// <summary>A path in it.</summary>
    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>A program of <c>src</c>, in the configuration that the tests were built in.</summary>
    public static string Program(string project, string assembly) =>
        Path.Combine(Root, "src", project, "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", assembly);

    /// <summary>All files of a folder with that ending, in order.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(At(folder), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HealthTrack.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException("The tests run outside the repository.");
    }
}
