using System.Diagnostics;
using System.Globalization;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>
/// A real process that appends batches until it is killed: this test program itself, started again with an environment variable that names
/// the store.
/// </summary>
internal static class CrashingWriter
{
    public const int BatchSize = 50;
    private const string UrlVariable = "HEALTHTRACK_TESTS_CRASHING_WRITER";

    /// <summary>The store to write to where this process is to be the writer; null in a test run.</summary>
    public static string? AskedFor => Environment.GetEnvironmentVariable(UrlVariable) is { Length: > 0 } url ? url : null;

    public static long DueTime(int index) => StoreSamples.Start + index;

    /// <summary>Starts it, waits for so many acknowledged batches and kills it (SIGKILL).</summary>
    /// <returns>How many checks were acknowledged, at least.</returns>
    public static async Task<int> RunUntilKilledAsync(string url, int acknowledgements, CancellationToken cancellationToken)
    {
        var program = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        if (isHost)
            start.ArgumentList.Add(typeof(CrashingWriter).Assembly.Location);
        start.Environment[UrlVariable] = url;
        using var child = Process.Start(start)!;
        try
        {
            var acknowledged = 0;
            for (var i = 0; i < acknowledgements; i++)
            {
                var line = await child.StandardOutput.ReadLineAsync(cancellationToken);
                acknowledged = int.Parse(line ?? throw new InvalidOperationException("The writer ended by itself."), CultureInfo.InvariantCulture);
            }

            return acknowledged;
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(CancellationToken.None);
        }
    }

    /// <summary>Appends until it is killed, and prints how many checks were acknowledged so far.</summary>
    public static async Task WriteForEverAsync(string url)
    {
        await using var store = ResultStores.Create(url, TimeProvider.System);
        await store.InitializeAsync(CancellationToken.None);
        for (var stored = 0; ; stored += BatchSize)
        {
            await store.AppendChecksAsync(
                [.. Enumerable.Range(stored, BatchSize).Select(i => StoreSamples.Check(1, DueTime(i)))], CancellationToken.None);
            Console.WriteLine((stored + BatchSize).ToString(CultureInfo.InvariantCulture));
        }
    }
}
