using System.Buffers.Text;
using System.Text;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>How the body of an HTTP/1.1 answer ends (RFC 9112, section 6.3).</summary>
/// <param name="Status">The status code.</param>
/// <param name="ContentLength">Bytes of the body, or -1 where the head does not say.</param>
/// <param name="Chunked">The body comes in chunks.</param>
internal readonly record struct Http11Framing(int Status, long ContentLength, bool Chunked);

/// <summary>Reads the head of an HTTP/1.1 answer without making strings of it.</summary>
internal static class Http11Head
{
    /// <summary>Where the head ends, that is the index after its empty line; -1 where it has not ended yet.</summary>
    /// <param name="bytes">All bytes so far.</param>
    /// <param name="from">Bytes before this index were looked at before.</param>
    public static int FindEnd(ReadOnlySpan<byte> bytes, int from)
    {
        // The line end before the empty line may have come with the bytes before.
        for (var at = Math.Max(0, from - 3); at < bytes.Length;)
        {
            var found = bytes[at..].IndexOf((byte)'\n');
            if (found < 0)
                return -1;
            at += found + 1;
            var rest = bytes[at..];
            if (rest.StartsWith("\r\n"u8))
                return at + 2;
            if (rest.StartsWith("\n"u8))
                return at + 1;
        }
        return -1;
    }

    /// <summary>Reads a whole head.</summary>
    /// <param name="head">Its bytes.</param>
    /// <param name="secrets">What no message may show.</param>
    /// <param name="framing">How the body is framed.</param>
    /// <returns>Null where it is one, else what is wrong with it.</returns>
    public static string? Parse(ReadOnlySpan<byte> head, SecretScrubber secrets, out Http11Framing framing)
    {
        framing = default;
        var lines = new HeadLines(head);
        lines.MoveNext();
        if (!TryStatus(lines.Current, out var status))
            return $"the answer is not HTTP: it begins with \"{secrets.OneLineOf(Encoding.UTF8.GetString(lines.Current), 40)}\"";
        var length = -1L;
        var chunked = false;
        while (lines.MoveNext())
        {
            if (!lines.TryField(out var name, out var value))
                return $"a header line of the answer has no colon: \"{secrets.OneLineOf(Encoding.UTF8.GetString(lines.Current), 40)}\"";
            if (Ascii.EqualsIgnoreCase(name, "content-length"u8))
            {
                if (!Utf8Parser.TryParse(value, out long parsed, out var used) || used != value.Length || parsed < 0 || value[0] is < (byte)'0' or > (byte)'9')
                    return "the answer's Content-Length is not a number";
                if (length >= 0 && length != parsed)
                    return "the answer has two different Content-Length fields";
                length = parsed;
            }
            else if (Ascii.EqualsIgnoreCase(name, "transfer-encoding"u8))
            {
                chunked = value.Length >= 7 && Ascii.EqualsIgnoreCase(value[^7..], "chunked"u8);
            }
        }
        framing = new Http11Framing(status, length, chunked);
        return null;
    }

    private static bool TryStatus(ReadOnlySpan<byte> line, out int status)
    {
        status = 0;
        if (line.Length < 12 || !line.StartsWith("HTTP/1."u8) || line[7] is not ((byte)'0' or (byte)'1') || line[8] != ' ')
            return false;
        if (line.Length > 12 && line[12] != ' ')
            return false;
        return Utf8Parser.TryParse(line.Slice(9, 3), out status, out var used) && used == 3 && status is >= 100 and <= 999;
    }
}

/// <summary>The lines of a head, without their ends; stops at the empty line.</summary>
internal ref struct HeadLines(ReadOnlySpan<byte> head)
{
    private ReadOnlySpan<byte> _rest = head;

    public ReadOnlySpan<byte> Current { get; private set; } = default;

    public bool MoveNext()
    {
        var end = _rest.IndexOf((byte)'\n');
        var line = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        Current = line.EndsWith("\r"u8) ? line[..^1] : line;
        return Current.Length > 0;
    }

    /// <summary>Splits the line. A continued line (obs-fold, RFC 9112, section 5.2) is a field without a name.</summary>
    public readonly bool TryField(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        if (Current[0] is (byte)' ' or (byte)'\t')
            return true;
        var colon = Current.IndexOf((byte)':');
        if (colon <= 0)
            return false;
        name = Current[..colon].TrimEnd(" \t"u8);
        value = Current[(colon + 1)..].Trim(" \t"u8);
        return true;
    }
}

/// <summary>Header fields still in the bytes that they came in.</summary>
internal sealed class RawHeaderFields(byte[] head) : IHeaderFields
{
    public IEnumerable<string> Values(string name)
    {
        var values = new List<string>();
        var wanted = Encoding.Latin1.GetBytes(name);
        var lines = new HeadLines(head);
        lines.MoveNext();
        while (lines.MoveNext())
            if (lines.TryField(out var field, out var value) && Ascii.EqualsIgnoreCase(field, wanted))
                values.Add(Encoding.Latin1.GetString(value));
        return values;
    }
}
