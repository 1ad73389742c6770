using System.Diagnostics;

namespace HealthTrack.Engine.Tests;

/// <summary>Waits for conditions, with a deadline that only a broken program reaches.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    public static Task True(Func<bool> condition, string what, CancellationToken cancellationToken) =>
        TrueAsync(() => Task.FromResult(condition()), what, cancellationToken);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Deadline, $"Not within {Deadline.TotalSeconds} s: {what}");
            await Task.Delay(Step, TimeProvider.System, cancellationToken);
        }
    }
}
