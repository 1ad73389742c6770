namespace HealthTrack.Core.Sre;

/// <summary>
/// One count a bin, at most 65 535, in as little memory as the largest asks for: none while all are zero, a byte a bin up to 255, else two. Ten thousand monitors have
/// hundreds of bins each, and of most the bad counts are all zero.
/// </summary>
internal struct BinCounts
{
    private byte[]? _narrow;
    private ushort[]? _wide;

    /// <summary>Adds to the count of a bin.</summary>
    /// <param name="bin">Which.</param>
    /// <param name="count">How many.</param>
    /// <param name="bins">How many bins there are: always as many.</param>
    /// <exception cref="OverflowException">The count is above 65 535.</exception>
    public void Add(int bin, int count, int bins)
    {
        if (count == 0)
            return;
        if (_wide is null)
        {
            _narrow ??= new byte[bins];
            if (_narrow[bin] + count <= byte.MaxValue)
            {
                _narrow[bin] += (byte)count;
                return;
            }
            _wide = Array.ConvertAll(_narrow, narrow => (ushort)narrow);
            _narrow = null;
        }
        _wide[bin] = checked((ushort)(_wide[bin] + count));
    }

    /// <summary>The count of a bin, which is zero from then on.</summary>
    public readonly int Take(int bin)
    {
        int count;
        if (_wide is not null)
        {
            count = _wide[bin];
            _wide[bin] = 0;
            return count;
        }
        if (_narrow is null)
            return 0;
        count = _narrow[bin];
        _narrow[bin] = 0;
        return count;
    }
}
