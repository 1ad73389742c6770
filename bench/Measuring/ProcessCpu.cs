using System.Diagnostics;
using System.Globalization;

namespace HealthTrack.Bench.Measuring;

/// <summary>CPU seconds that a process has used, which is what a rate costs where a load generator shares the cores; and its memory.</summary>
internal static class ProcessCpu
{
    // USER_HZ, the unit of /proc/PID/stat, is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Of this process, user and system, to the microsecond.</summary>
    public static double OwnSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Of another process, user and system; on Linux with the children that it has waited for, to 10 ms.</summary>
    /// <exception cref="IOException">There is no such process.</exception>
    public static double Seconds(int processId)
    {
        var stat = $"/proc/{processId}/stat";
        if (!OperatingSystem.IsLinux())
        {
            using var process = Process.GetProcessById(processId);
            return process.TotalProcessorTime.TotalSeconds;
        }
        // The name in brackets may hold blanks and brackets itself: fields are counted from the last bracket, and the first after it is the third.
        var text = File.ReadAllText(stat);
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return Enumerable.Range(14 - 3, 4).Sum(i => long.Parse(fields[i], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Memory that another process has in the machine's, KiB.</summary>
    public static double ResidentKiB(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.WorkingSet64 / 1024.0;
    }
}
