using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace HealthTrack.Operator.Runtime;

/// <summary>Cuts the body of a watch into its lines, one event each.</summary>
internal static class WatchLines
{
    // etcd takes objects of 1.5 MiB; the history of their fields and the JSON around them come on top.
    private const int Longest = 16 * 1024 * 1024;

    /// <summary>The lines as they come, without their ends, none of them empty. A last line that was cut off is left out: its event comes again.</summary>
    /// <exception cref="InvalidDataException">A line is longer than any object may be: this is no watch.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellationToken);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    if (!line.IsEmpty)
                        yield return line.ToArray();
                }
                if (rest.Length > Longest)
                    throw new InvalidDataException("the watch sent a line of more than 16 MiB");
                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                    yield break;
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }
}
