using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace HealthTrack.Engine.Metrics;

/// <summary>
/// Writes the text format of Prometheus (version 0.0.4) into a buffer, without allocating. Not thread-safe.
/// </summary>
internal ref struct PrometheusText(IBufferWriter<byte> output)
{
    private const int MaxNumber = 32;

    /// <summary>Bytes written so far.</summary>
    public long Written { get; private set; }

    /// <summary>The head of a family: once for each, before its samples.</summary>
    public void Family(ReadOnlySpan<byte> name, ReadOnlySpan<byte> type, ReadOnlySpan<byte> help)
    {
        Append("# HELP "u8);
        Append(name);
        Append(" "u8);
        Append(help);
        Append("\n# TYPE "u8);
        Append(name);
        Append(" "u8);
        Append(type);
        Append("\n"u8);
    }

    /// <summary>One sample.</summary>
    /// <param name="name">The series' name.</param>
    /// <param name="labels">Labels without braces, already escaped.</param>
    /// <param name="more">Further labels with the comma before them, or nothing.</param>
    /// <param name="value">The value.</param>
    public void Sample(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> more, double value)
    {
        var length = name.Length + labels.Length + more.Length + MaxNumber + 4;
        var span = output.GetSpan(length);
        var at = 0;
        Put(span, ref at, name);
        span[at++] = (byte)'{';
        Put(span, ref at, labels);
        Put(span, ref at, more);
        span[at++] = (byte)'}';
        span[at++] = (byte)' ';
        at += Number(span[at..], value);
        span[at++] = (byte)'\n';
        output.Advance(at);
        Written += at;
    }

    /// <summary>One sample with a whole number.</summary>
    /// <inheritdoc cref="Sample(ReadOnlySpan{byte}, ReadOnlySpan{byte}, ReadOnlySpan{byte}, double)"/>
    public void Sample(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> more, long value) =>
        Sample(name, labels, more, (double)value);

    /// <summary>A label's value as it stands between quotes: backslash, quote and line feed escaped, in UTF-8.</summary>
    public static byte[] Escape(string value)
    {
        if (value.AsSpan().IndexOfAny('\\', '"', '\n') < 0)
            return Encoding.UTF8.GetBytes(value);
        var escaped = new StringBuilder(value.Length + 8);
        foreach (var character in value)
        {
            _ = character switch
            {
                '\\' => escaped.Append(@"\\"),
                '"' => escaped.Append("\\\""),
                '\n' => escaped.Append(@"\n"),
                _ => escaped.Append(character),
            };
        }
        return Encoding.UTF8.GetBytes(escaped.ToString());
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        output.Write(text);
        Written += text.Length;
    }

    private static void Put(Span<byte> span, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(span[at..]);
        at += text.Length;
    }

    private static int Number(Span<byte> span, double value)
    {
        // A whole number is written as one: three times as fast as the shortest decimal of a double, and easier to read.
        var whole = (long)value;
        if (whole == value && Math.Abs(value) < 1L << 53)
        {
            Utf8Formatter.TryFormat(whole, span, out var digits);
            return digits;
        }
        if (double.IsFinite(value))
        {
            Utf8Formatter.TryFormat(value, span, out var written);
            return written;
        }
        var special = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
        special.CopyTo(span);
        return special.Length;
    }
}
