using HealthTrack.Core.Checks;

namespace HealthTrack.Core.Sre;

/// <summary>How a round went into the uptime.</summary>
internal enum RoundCount
{
    /// <summary>Not yet.</summary>
    Open,

    /// <summary>It is over, and nobody can say how it was.</summary>
    Unknown,

    /// <summary>As good.</summary>
    Good,

    /// <summary>As bad.</summary>
    Bad,
}

/// <summary>
/// The votes of the newest rounds: three bits a location and two bits a round, in as few bytes as hold them. A slot that is newer than all before pushes the
/// oldest out.
/// </summary>
internal sealed class VoteRing(int locations, int length)
{
    private const int VoteBits = 3;
    private const ulong VoteMask = 0b111;
    private const ulong VoidVote = 0b111;
    private const ulong CountMask = 0b11;

    private readonly int _stride = ((locations * VoteBits) + 2 + 7) / 8;

    // Made with the first vote: most monitors wait for theirs.
    private byte[]? _bytes;
    private long _newest = long.MinValue;

    /// <summary>Rounds that are kept.</summary>
    public int Length => length;

    /// <summary>A location's vote; null where it has none that counts, or the round is not kept.</summary>
    public Outcome? Read(long slot, int location) => Vote(slot, location) is not (0 or VoidVote) and var vote ? (Outcome)(vote - 1) : null;

    /// <summary>Whether a location has voted, also where that counts for nothing.</summary>
    public bool Has(long slot, int location) => Vote(slot, location) != 0;

    /// <summary>Puts a vote in the place of what was there.</summary>
    /// <param name="slot">The round.</param>
    /// <param name="location">The location.</param>
    /// <param name="outcome">What it saw; null: it could not see, and its vote counts for nothing.</param>
    public void Write(long slot, int location, Outcome? outcome)
    {
        MakeRoom(slot);
        var shift = location * VoteBits;
        Store(slot, (Load(slot) & ~(VoteMask << shift)) | ((outcome is { } seen ? (ulong)(seen + 1) : VoidVote) << shift));
    }

    /// <summary>How a round was counted.</summary>
    public RoundCount ReadCount(long slot) => (RoundCount)((Load(slot) >> (locations * VoteBits)) & CountMask);

    /// <summary>Says how a round was counted.</summary>
    public void WriteCount(long slot, RoundCount count)
    {
        MakeRoom(slot);
        var shift = locations * VoteBits;
        Store(slot, (Load(slot) & ~(CountMask << shift)) | ((ulong)count << shift));
    }

    private ulong Vote(long slot, int location) => (Load(slot) >> (location * VoteBits)) & VoteMask;

    private void MakeRoom(long slot)
    {
        _bytes ??= new byte[_stride * length];
        if (slot <= _newest)
            return;
        // What the newer ones take the place of.
        for (var fresh = Math.Max(_newest + 1, slot - length + 1); fresh <= slot; fresh++)
            _bytes.AsSpan(At(fresh), _stride).Clear();
        _newest = slot;
    }

    private ulong Load(long slot)
    {
        if (_bytes is null || slot > _newest || slot <= _newest - length)
            return 0;
        var bits = 0UL;
        var at = At(slot);
        for (var i = 0; i < _stride; i++)
            bits |= (ulong)_bytes[at + i] << (8 * i);
        return bits;
    }

    private void Store(long slot, ulong bits)
    {
        if (slot <= _newest - length)
            return;
        var at = At(slot);
        for (var i = 0; i < _stride; i++)
            _bytes![at + i] = (byte)(bits >> (8 * i));
    }

    private int At(long slot) => (int)(slot % length) * _stride;
}
