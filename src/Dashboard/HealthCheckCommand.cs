using System.CommandLine;
using System.Globalization;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard;

/// <summary><c>healthcheck</c>: what a container's health check runs.</summary>
internal static class HealthCheckCommand
{
    /// <summary>The command.</summary>
    /// <param name="bind">The dashboard's flag for its address.</param>
    /// <param name="port">The dashboard's flag for its port.</param>
    public static Command Asking(Option<string> bind, Option<string> port)
    {
        var check = new Command("healthcheck", "Asks the dashboard that runs on this machine whether it can serve. Exit code: 0 it can, 1 it cannot.") { bind, port };
        check.SetAction(async (flags, stop) =>
        {
            if (int.TryParse(flags.GetRequiredValue(port), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 65535)
                return await LocalHealth.AskAsync(flags.GetRequiredValue(bind), number, Console.Out, Console.Error, stop);
            await Console.Error.WriteLineAsync($"--port must be 1 to 65535; it is '{flags.GetRequiredValue(port)}'.".AsMemory(), stop);
            return 1;
        });
        return check;
    }
}
