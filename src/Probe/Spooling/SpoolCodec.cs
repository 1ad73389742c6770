using Google.Protobuf;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Ports;
using Wire = HealthTrack.Contracts.Link.V1.WorkerMessage;

namespace HealthTrack.Probe.Spooling;

/// <summary>A batch in the spool: the message that the link would carry.</summary>
internal static class SpoolCodec
{
    public static byte[] Write(ResultBatch batch) => LinkCodec.Write(batch).ToByteArray();

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <returns>Null where it is none: written by another version, or by nobody.</returns>
    public static ResultBatch? Read(ReadOnlySpan<byte> payload, string worker)
    {
        try
        {
            return LinkCodec.Read(Wire.Parser.ParseFrom(payload), worker) as ResultBatch;
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or BrokenMessageException)
        {
            return null;
        }
    }
}
