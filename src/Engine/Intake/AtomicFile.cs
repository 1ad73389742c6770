using System.Runtime.InteropServices;

namespace HealthTrack.Engine.Intake;

/// <summary>Gives a finished file its name so that it is there whole, and so that of several processes one wins.</summary>
internal static class AtomicFile
{
    private const int AlreadyThere = 17; // EEXIST, on Linux and macOS alike

    /// <summary>Gives <paramref name="draft"/> the name <paramref name="path"/> where nothing has it.</summary>
    /// <returns>False where something has it already; the draft is left then, and may be left otherwise.</returns>
    /// <exception cref="IOException">The file system refused.</exception>
    public static bool TryName(string draft, string path)
    {
        // File.Move without overwriting looks first and renames then, and on Unix a rename replaces: two processes would both succeed.
        // A second link to the file is made or refused in one step.
        if (!OperatingSystem.IsWindows())
        {
            if (Link(draft, path) == 0)
                return true;
            if (Marshal.GetLastPInvokeError() == AlreadyThere)
                return false;
            // Some file systems know no links: what follows is nearly as good.
        }

        try
        {
            File.Move(draft, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
