using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Dispatch;

namespace HealthTrack.Engine.Results;

/// <summary>What time alone changes: silence, samples that leave their window, certificates that near their end; and pools and channels that come and go.</summary>
internal sealed class HealthSweep(Fleet fleet, ChangeFeed feed, TimeProvider time, IPoolDirectory? pools = null, IChannelDirectory? channels = null)
{
    /// <summary>How often it runs; health that turns on time alone is at most this late.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private long _lastRun = time.GetTimestamp();

    /// <summary>How long ago it ran; it runs with every round of the pipeline.</summary>
    public TimeSpan Age => time.GetElapsedTime(Interlocked.Read(ref _lastRun));

    /// <summary>Derives every health anew, where the last time is <see cref="Period"/> ago.</summary>
    /// <param name="changed">Called for each monitor whose health mark changed.</param>
    public void RunWhenDue(Action<MonitorState> changed)
    {
        if (Age < Period)
            return;
        Interlocked.Exchange(ref _lastRun, time.GetTimestamp());
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var state in fleet.All)
        {
            var named = state.SetMissing(new(pools?.Missing(state.Monitor), channels?.Missing(state.Monitor)), now);
            if (state.Reevaluate(now))
                changed(state);
            else if (!named)
                continue;
            feed.ServiceChanged(state.Id);
        }
    }
}
