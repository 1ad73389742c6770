using HealthTrack.Engine.Tests.Storage;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace HealthTrack.Engine.Tests;

/// <summary>Runs the tests as xunit's own entry point does, or becomes the process that a test kills.</summary>
internal static class Program
{
    // What "dotnet test" passes; without it a person or "dotnet run" wants xunit's own console.
    private static readonly string[] PlatformArguments = ["--server", "--internal-msbuild-node"];

    public static async Task<int> Main(string[] args)
    {
        if (CrashingWriter.AskedFor is { } url)
        {
            await CrashingWriter.WriteForEverAsync(url);
            return 1;
        }

        return args.Intersect(PlatformArguments).Any()
            ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : await ConsoleRunner.Run(args);
    }
}
