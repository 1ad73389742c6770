using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Bench.Processes;

/// <summary>Where the programs are that benches start, and where those may listen.</summary>
internal static class Programs
{
    /// <summary>The first of the names on PATH or in the folders of Debian's packages.</summary>
    /// <exception cref="CannotRunException">There is none; the message says how to get it.</exception>
    public static string Find(string package, params string[] names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Append("/usr/sbin");
        return folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new CannotRunException(
                $"{names[0]} is not on PATH. On Debian: eng/install-test-tools.sh {package} (as root), or apt-get install {package}.");
    }

    /// <summary>The <c>healthtrack</c> of this checkout, as the image has it.</summary>
    /// <exception cref="CannotRunException">It is not published.</exception>
    public static string HealthTrack() => Published("standalone/healthtrack.dll");

    /// <summary>The <c>healthtrack-operator</c> of this checkout, as the image has it.</summary>
    /// <exception cref="CannotRunException">It is not published.</exception>
    public static string HealthTrackOperator() => Published("operator/healthtrack-operator.dll");

    /// <summary>The <c>healthtrack-probe</c> of this checkout, as the image has it.</summary>
    /// <exception cref="CannotRunException">It is not published.</exception>
    public static string HealthTrackProbe() => Published("probe/healthtrack-probe.dll");

    /// <summary>Ports of the loopback address that are free now: for programs that cannot be told to take any.</summary>
    public static int[] FreePorts(int count)
    {
        // All are held until all are found, or the system may give the same one twice.
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners)
                listener.Start();
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
                listener.Dispose();
        }
    }

    /// <summary>Whether a GET is answered with 200.</summary>
    public static async Task<bool> AnswersAsync(HttpClient client, string url, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(url), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Published(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "HealthTrack.slnx")))
            root = root.Parent;
        var program = Path.Combine(root?.FullName ?? "", "bench/bin/programs", name);
        return File.Exists(program) ? program : throw new CannotRunException($"{program} is not published: start benches with bench/run.sh.");
    }
}
