using System.Diagnostics;
using System.Xml.Linq;

namespace HealthTrack.Architecture.Tests;

/// <summary>The files of a checkout, as paths relative to its root with forward slashes.</summary>
internal sealed class Repository
{
    private static readonly string[] NotSource = ["bin", "obj", ".git", ".vs", ".idea", "node_modules", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts"];
    private readonly string _root;

    public Repository(string root)
    {
        _root = root;
        Files = [.. (Tracked() ?? Walk(root)).Where(f => !f.Split('/').Any(NotSource.Contains) && File.Exists(At(f))).Order(StringComparer.Ordinal)];
    }

    /// <summary>The checkout that this test was built from.</summary>
    public static Repository Here { get; } = new(FindRoot());

    public IReadOnlyList<string> Files { get; }

    /// <summary>All projects of a top folder: <c>src</c>, <c>tests</c>, <c>bench</c>.</summary>
    public IEnumerable<string> Projects(string folder) =>
        Files.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal));

    public string Text(string file) => File.ReadAllText(At(file));

    public XDocument Xml(string file) => XDocument.Load(At(file));

    /// <summary>The <c>Include</c> of all items of one type in a project or props file.</summary>
    public IEnumerable<string> Includes(string file, string item) =>
        Xml(file).Descendants(item).Select(e => (string?)e.Attribute("Include")).OfType<string>();

    private string At(string file) => Path.Combine(_root, file);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HealthTrack.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"HealthTrack.slnx is in no folder above {AppContext.BaseDirectory}.");
    }

    // What git tracks or would track; null outside a working copy (a source archive), where everything on disk counts.
    private List<string>? Tracked()
    {
        if (!Path.Exists(Path.Combine(_root, ".git")))
            return null;
        var start = new ProcessStartInfo("git", ["-c", "core.quotePath=false", "ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = _root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var files = git.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
            git.WaitForExit();
            return git.ExitCode == 0 ? files : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // No git on this machine.
        }
    }

    private static IEnumerable<string> Walk(string root)
    {
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            foreach (var file in Directory.EnumerateFiles(folder))
                yield return Path.GetRelativePath(root, file).Replace('\\', '/');
            foreach (var below in Directory.EnumerateDirectories(folder).Where(d => !NotSource.Contains(Path.GetFileName(d))))
                folders.Push(below);
        }
    }
}
