using System.Reflection;

namespace HealthTrack.Engine.Intake;

/// <summary>The monitors that a newcomer finds: HealthTrack watching itself.</summary>
public static class StarterMonitors
{
    private const string Prefix = "starter/starter-";

    /// <summary>Makes the folder and fills it, where it does not exist yet. One that exists is left alone, even an empty one: somebody emptied it.</summary>
    /// <returns>Whether the folder was made.</returns>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be made.</exception>
    public static bool Fill(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.Exists(path))
            return false;
        var parent = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(parent);
        // Filled under another name first: a process killed in between leaves no half-filled folder that would never be filled up.
        var draft = Directory.CreateDirectory(Path.Combine(parent, $".{Path.GetFileName(path)}-{Guid.NewGuid():N}"));
        try
        {
            foreach (var (name, resource) in Starters())
            {
                using var from = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
                using var to = File.Create(Path.Combine(draft.FullName, name));
                from.CopyTo(to);
            }

            draft.MoveTo(path);
            return true;
        }
        catch (IOException) when (Directory.Exists(path))
        {
            draft.Delete(recursive: true);
            return false; // another process was first
        }
        catch
        {
            draft.Delete(recursive: true);
            throw;
        }
    }

    private static IEnumerable<(string Name, string Resource)> Starters() =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => (resource[Prefix.Length..], resource));
}
