using System.Buffers.Binary;
using System.Numerics;

namespace HealthTrack.Probe.Spooling;

/// <summary>What a record of a spool says.</summary>
internal enum SpoolRecordKind : byte
{
    /// <summary>A batch of results.</summary>
    Batch = 1,

    /// <summary>Everything up to a sequence is acknowledged.</summary>
    Acknowledged = 2,
}

/// <summary>
/// The form of one file of a spool: a header, then records of (length of the payload, checksum, kind, payload), integers little-endian. A file is only
/// ever appended to, so what a crash leaves unfinished is at its end.
/// </summary>
internal static class SpoolSegment
{
    /// <summary>More than any batch takes; a length beyond it is no length.</summary>
    public const int MaxPayload = 32 * 1024 * 1024;

    /// <summary>Bytes before a payload.</summary>
    public const int FrameSize = 9;

    /// <summary>The first bytes of each file: the name of the format and its version.</summary>
    public static ReadOnlySpan<byte> Header => "HTSPOOL1"u8;

    /// <summary>One record, framed.</summary>
    public static byte[] Frame(SpoolRecordKind kind, ReadOnlySpan<byte> payload)
    {
        var record = new byte[FrameSize + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, payload.Length);
        record[8] = (byte)kind;
        payload.CopyTo(record.AsSpan(FrameSize));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Checksum(record.AsSpan(8)));
        return record;
    }

    /// <summary>Reads the record at the start of <paramref name="data"/>.</summary>
    /// <returns>Its whole length; 0 where there is none, or none that is whole and unharmed.</returns>
    public static int TryRead(ReadOnlySpan<byte> data, out SpoolRecordKind kind, out ReadOnlySpan<byte> payload)
    {
        kind = default;
        payload = default;
        if (data.Length < FrameSize)
            return 0;
        var length = BinaryPrimitives.ReadInt32LittleEndian(data);
        if (length is < 0 or > MaxPayload || data.Length - FrameSize < length)
            return 0;
        if (Checksum(data.Slice(8, length + 1)) != BinaryPrimitives.ReadUInt32LittleEndian(data[4..]))
            return 0;
        kind = (SpoolRecordKind)data[8];
        payload = data.Slice(FrameSize, length);
        return FrameSize + length;
    }

    /// <summary>CRC-32C, which processors compute themselves. Not 0 for nothing: a file full of zeros holds no record.</summary>
    private static uint Checksum(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }
        foreach (var value in data)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
