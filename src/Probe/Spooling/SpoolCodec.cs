using Google.Protobuf;
using HealthTrack.Core.Ports;
using Proto = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Probe.Spooling;

/// <summary>A batch as the link writes it, which is also how it stands in the spool.</summary>
internal static class SpoolCodec
{
    public static byte[] Write(ResultBatch batch) => ResultMessages.Of(batch).ToByteArray();

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <returns>Null where it is none: written by another version, or by nobody.</returns>
    public static ResultBatch? Read(ReadOnlySpan<byte> payload, string worker) => Parse(payload) is { } results ? ResultMessages.Of(results, worker) : null;

    /// <summary>Its number and how many results it has; null where it is no batch.</summary>
    public static (long Sequence, int Count)? Count(ReadOnlySpan<byte> payload) =>
        Parse(payload) is { Sequence: > 0, Results_.Count: > 0 } results ? (results.Sequence, results.Results_.Count) : null;

    private static Proto.Results? Parse(ReadOnlySpan<byte> payload)
    {
        try
        {
            return Proto.Results.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
