using HealthTrack.Probe.Spooling;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe.Link;

/// <summary>
/// Takes what waits in the outbox to the spool, twice a second, or every 2 s while nothing can be sent: what is acknowledged sooner costs the disk nothing. A
/// disk that is full or away is said once, counted, and tried again; results go on in memory meanwhile.
/// </summary>
internal sealed class SpoolWriter(ResultOutbox outbox, ResultSpool? spool, ProbeMetrics metrics, TimeProvider time, ILogger<SpoolWriter> logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(5);

    private string? _problem;

    /// <summary>Why the spool cannot be written; null while it can be, or where there is none.</summary>
    public string? Problem => Volatile.Read(ref _problem);

    /// <summary>Whether there is a spool.</summary>
    public bool IsThere => spool is not null;

    /// <summary>Bytes in the spool's files.</summary>
    public long Bytes => spool?.Bytes ?? 0;

    /// <summary>Writes until stopped.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        if (spool is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        if (spool.Unreadable > 0)
            Log.SpoolDamaged(logger, spool.Unreadable);
        if (outbox.Count > 0)
            Log.SpoolRecovered(logger, outbox.Count);
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = Write() ? Every : AgainAfter;
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The last thing of an orderly stop: what is not acknowledged is on the disk.</summary>
    /// <returns>Whether it is.</returns>
    public bool Finish()
    {
        if (spool is null || !Write(everything: true))
            return false;
        try
        {
            spool.Synchronise();
            return true;
        }
        catch (IOException e)
        {
            Failed(e);
            return false;
        }
    }

    private bool Write(bool everything = false)
    {
        try
        {
            outbox.WriteToSpool(everything);
        }
        catch (IOException e)
        {
            Failed(e);
            return false;
        }
        if (Problem is not null)
            Log.SpoolBack(logger);
        Volatile.Write(ref _problem, null);
        return true;
    }

    private void Failed(IOException failure)
    {
        metrics.SpoolFailed();
        if (Problem is null)
            Log.SpoolAway(logger, failure.Message);
        Volatile.Write(ref _problem, failure.Message);
    }
}
