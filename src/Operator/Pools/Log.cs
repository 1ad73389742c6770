namespace HealthTrack.Operator.Pools;

internal static partial class Log
{
    [LoggerMessage(6501, LogLevel.Information, "There was no ProbePool in namespace {Namespace}: the pool default is made")]
    public static partial void DefaultPoolMade(ILogger logger, string @namespace);

    [LoggerMessage(6502, LogLevel.Warning, "There is no ProbePool in namespace {Namespace}, and the pool default cannot be made: {Problem}")]
    public static partial void DefaultPoolNotMade(ILogger logger, string @namespace, string problem);
}
