using System.Buffers;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>The header fields of an answer, looked up when somebody asks.</summary>
internal interface IHeaderFields
{
    /// <summary>The values of a field, its name's case ignored, in the order of the answer.</summary>
    IEnumerable<string> Values(string name);
}

/// <summary>What one request was answered.</summary>
internal sealed class HttpAnswer(bool keepBody) : IDisposable
{
    private byte[]? _body;

    /// <summary>0 until the header is read.</summary>
    public int Status { get; private set; }

    public IHeaderFields Headers { get; private set; } = NoHeaderFields.Instance;

    /// <summary>Bytes of the body that were read, at most <see cref="HttpLimits.Body"/>.</summary>
    public int BodyBytes { get; private set; }

    /// <summary>The body as far as it was read; empty where nobody will look at it.</summary>
    public ReadOnlySpan<byte> Body => _body is null ? default : _body.AsSpan(0, BodyBytes);

    /// <summary>True once no more of the body is wanted.</summary>
    public bool BodyIsFull => BodyBytes == HttpLimits.Body;

    public void Begin(int status, IHeaderFields headers)
    {
        Status = status;
        Headers = headers;
    }

    /// <summary>Forgets the answer, for the next hop's.</summary>
    public void Restart()
    {
        Status = 0;
        Headers = NoHeaderFields.Instance;
        BodyBytes = 0;
    }

    /// <summary>Takes a piece of the body, as much of it as the limit leaves room for.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        piece = piece[..Math.Min(piece.Length, HttpLimits.Body - BodyBytes)];
        if (keepBody && piece.Length > 0)
        {
            Grow(BodyBytes + piece.Length);
            piece.CopyTo(_body.AsSpan(BodyBytes));
        }
        BodyBytes += piece.Length;
    }

    private void Grow(int needed)
    {
        if (_body?.Length >= needed)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(2 * (_body?.Length ?? 2048), HttpLimits.Body)));
        if (_body is not null)
        {
            _body.AsSpan(0, BodyBytes).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_body);
        }
        _body = larger;
    }

    public void Dispose()
    {
        if (_body is not null)
            ArrayPool<byte>.Shared.Return(_body);
        _body = null;
    }

    private sealed class NoHeaderFields : IHeaderFields
    {
        public static readonly NoHeaderFields Instance = new();

        public IEnumerable<string> Values(string name) => [];
    }
}
