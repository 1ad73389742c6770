namespace HealthTrack.Probe.Checkers.Http;

/// <summary>Takes a chunked body apart (RFC 9112, section 7.1), piece by piece as it comes.</summary>
internal struct ChunkedDecoder
{
    private const int MaxSizeLine = 1024;

    private enum State : byte
    {
        Size,
        Extension,
        Data,
        DataEnd,
        TrailerStart,
        Trailer,
        Done,
    }

    private State _state;
    private long _size;
    private int _digits;
    private int _lineBytes;
    private int _trailerBytes;

    /// <summary>True once the last chunk and the trailer are read.</summary>
    public readonly bool IsDone => _state == State.Done;

    /// <summary>Reads on.</summary>
    /// <returns>Null, or what is wrong with the chunks.</returns>
    public string? Feed(ReadOnlySpan<byte> input, HttpAnswer answer)
    {
        while (input.Length > 0 && _state != State.Done && !answer.BodyIsFull)
        {
            if (_state == State.Data)
            {
                var piece = input[..(int)Math.Min(_size, input.Length)];
                answer.Append(piece);
                _size -= piece.Length;
                input = input[piece.Length..];
                if (_size == 0)
                    _state = State.DataEnd;
                continue;
            }
            var problem = Step(input[0]);
            if (problem is not null)
                return problem;
            input = input[1..];
        }
        return null;
    }

    private string? Step(byte next)
    {
        switch (_state)
        {
            case State.Size when Hex(next) is var digit and >= 0:
                if (++_digits > 15)
                    return "a chunk's size is too large";
                _size = _size * 16 + digit;
                return null;
            case State.Size when _digits > 0 && next is (byte)';' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
            case State.Extension:
                _state = State.Extension;
                if (++_lineBytes > MaxSizeLine)
                    return "a chunk's extension is too long";
                if (next == '\n')
                {
                    _state = _size > 0 ? State.Data : State.TrailerStart;
                    _digits = _lineBytes = 0;
                }
                return null;
            case State.DataEnd when next == '\r':
                return null;
            case State.DataEnd when next == '\n':
                _state = State.Size;
                return null;
            case State.TrailerStart or State.Trailer:
                if (++_trailerBytes > HttpLimits.Headers)
                    return "the trailer is longer than 64 KiB";
                if (next == '\n')
                    _state = _state == State.TrailerStart ? State.Done : State.TrailerStart;
                else if (next != '\r')
                    _state = State.Trailer;
                return null;
            default:
                return _state == State.Size ? "a chunk's size is not a number" : "a chunk is longer than its size";
        }
    }

    private static int Hex(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}
