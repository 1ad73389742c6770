using HealthTrack.Core.Assignments;
using HealthTrack.Core.Monitors;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe;

/// <summary>All that the worker logs; event ids 3000 to 3099.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Error, "A check of {Monitor} threw; its due time counts as missed")]
    public static partial void CheckThrew(ILogger logger, Exception exception, MonitorKey monitor);

    [LoggerMessage(3001, LogLevel.Warning, "The wall clock was set back by {Milliseconds} ms; due times follow it")]
    public static partial void ClockSetBack(ILogger logger, long milliseconds);

    [LoggerMessage(3010, LogLevel.Information, "Connected to the control plane as {Worker} of pool {Pool}")]
    public static partial void Connected(ILogger logger, string worker, string pool);

    [LoggerMessage(3011, LogLevel.Warning, "The control plane is away; trying again in {Delay}: {Reason}")]
    public static partial void Away(ILogger logger, TimeSpan delay, string reason);

    [LoggerMessage(3012, LogLevel.Warning, "Too many results wait for acknowledgement: the oldest {Count} were dropped")]
    public static partial void Dropped(ILogger logger, int count);

    [LoggerMessage(3013, LogLevel.Warning, "Asked to run {Assignment} now, which is not held or would be too much")]
    public static partial void NotRun(ILogger logger, AssignmentId assignment);

    [LoggerMessage(3014, LogLevel.Warning, "Stopping: {Checks} checks were given up, {Results} results are not acknowledged")]
    public static partial void StoppedShort(ILogger logger, int checks, int results);

    [LoggerMessage(3015, LogLevel.Warning, "A change of assignments of revision {Revision} came after revision {Known}; waiting for a full one")]
    public static partial void RevisionWentBack(ILogger logger, long revision, long known);

    [LoggerMessage(3016, LogLevel.Information, "Stopping: {Assignments} assignments are to be handed over; checking goes on until they are")]
    public static partial void Leaving(ILogger logger, int assignments);

    [LoggerMessage(3017, LogLevel.Warning, "Stopping: nobody said within {Limit} that the checks were handed over; {Assignments} assignments are given up")]
    public static partial void NotHandedOver(ILogger logger, TimeSpan limit, int assignments);

    [LoggerMessage(3020, LogLevel.Information, "{Results} results of an earlier run are in the spool and are sent first")]
    public static partial void SpoolRecovered(ILogger logger, int results);

    [LoggerMessage(3021, LogLevel.Warning, "The spool has {Bytes} bytes that cannot be read, such as an end that a crash left unfinished; they are left out")]
    public static partial void SpoolDamaged(ILogger logger, long bytes);

    [LoggerMessage(3022, LogLevel.Warning, "The spool cannot be written; results wait in memory alone: {Reason}")]
    public static partial void SpoolAway(ILogger logger, string reason);

    [LoggerMessage(3023, LogLevel.Information, "The spool can be written again")]
    public static partial void SpoolBack(ILogger logger);

    [LoggerMessage(3024, LogLevel.Information, "Stopped: {Results} results that are not acknowledged are in the spool and are sent at the next start")]
    public static partial void LeftInSpool(ILogger logger, int results);

    [LoggerMessage(3025, LogLevel.Warning, "The spool cannot be read; what is in it is sent once it can be: {Reason}")]
    public static partial void SpoolUnreadable(ILogger logger, string reason);

    [LoggerMessage(3030, LogLevel.Warning, "The link to {Operator} is not encrypted: the token and the secrets of checks can be read on the way; use https://")]
    public static partial void PlainText(ILogger logger, string @operator);
}
