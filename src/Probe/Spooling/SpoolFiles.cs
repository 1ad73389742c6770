using System.Buffers.Binary;
using System.Globalization;

namespace HealthTrack.Probe.Spooling;

/// <summary>The files of a spool, as they are found when it is opened.</summary>
internal static class SpoolFiles
{
    private const string Prefix = "results-";
    private const string Suffix = ".spool";

    /// <summary>What was read of one file.</summary>
    /// <param name="Batches">In the order of the file.</param>
    /// <param name="Acknowledged">The newest acknowledgement; 0 for none.</param>
    /// <param name="Unreadable">Bytes from the first record that is not whole to the end.</param>
    public readonly record struct Found(IReadOnlyList<SpooledBatch> Batches, long Acknowledged, long Unreadable);

    /// <summary>The name of a file.</summary>
    public static string Name(long segment) => $"{Prefix}{segment.ToString("D12", CultureInfo.InvariantCulture)}{Suffix}";

    /// <summary>The files of a folder, oldest first; what is not a spool's is left alone.</summary>
    public static IEnumerable<(long Id, FileInfo File)> In(string folder) =>
        from file in new DirectoryInfo(folder).EnumerateFiles($"{Prefix}*{Suffix}").ToArray()
        let number = file.Name[Prefix.Length..^Suffix.Length]
        where long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)
        let id = long.Parse(number, CultureInfo.InvariantCulture)
        where file.Name == Name(id)
        orderby id
        select (id, file);

    /// <summary>Reads a file up to its end, or to where it is damaged.</summary>
    public static Found Scan(FileInfo file, long id)
    {
        // One that is longer than any that was written is none; nor is it read into memory.
        if (file.Length > 2L * SpoolSegment.MaxPayload)
            return new Found([], 0, file.Length);
        ReadOnlySpan<byte> data = File.ReadAllBytes(file.FullName);
        if (!data.StartsWith(SpoolSegment.Header))
            return new Found([], 0, data.Length);
        var batches = new List<SpooledBatch>();
        long acknowledged = 0;
        var offset = SpoolSegment.Header.Length;
        while (SpoolSegment.TryRead(data[offset..], out var kind, out var payload) is var length and > 0)
        {
            if (kind == SpoolRecordKind.Batch && SpoolCodec.Read(payload, "") is { Sequence: > 0, Results.Count: > 0 } batch)
                batches.Add(new SpooledBatch(batch.Sequence, batch.Results.Count, new SpoolPosition(id, offset)));
            else if (kind == SpoolRecordKind.Acknowledged && payload.Length == 8)
                acknowledged = Math.Max(acknowledged, BinaryPrimitives.ReadInt64LittleEndian(payload));
            offset += length;
        }
        return new Found(batches, acknowledged, data.Length - offset);
    }
}
