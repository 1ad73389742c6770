namespace HealthTrack.Core.Monitors;

/// <summary>
/// Holds texts that come again and again, such as the name of a pool in the rows of thousands of monitors, once each. Of a fixed size: a text may push out another, which
/// is then held once more. Thread-safe.
/// </summary>
public sealed class RepeatedTexts
{
    /// <summary>Longer ones are not held, characters.</summary>
    public const int Longest = 160;

    private const int Slots = 2048;

    private readonly string?[] _texts = new string?[Slots];

    /// <summary>The text, the same object as the last time where it is still held.</summary>
    public string One(ReadOnlySpan<char> text)
    {
        if (text.Length > Longest)
            return new string(text);
        ref var slot = ref SlotOf(text);
        if (Volatile.Read(ref slot) is { } held && text.SequenceEqual(held))
            return held;
        var made = new string(text);
        Volatile.Write(ref slot, made);
        return made;
    }

    /// <inheritdoc cref="One(ReadOnlySpan{char})"/>
    public string One(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > Longest)
            return text;
        ref var slot = ref SlotOf(text);
        if (Volatile.Read(ref slot) is { } held && text == held)
            return held;
        Volatile.Write(ref slot, text);
        return text;
    }

    // Two threads may write a slot at once: either text will do.
    private ref string? SlotOf(ReadOnlySpan<char> text) => ref _texts[(uint)string.GetHashCode(text) % Slots];
}
