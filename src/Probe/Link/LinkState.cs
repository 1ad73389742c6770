namespace HealthTrack.Probe.Link;

/// <summary>Whether the control plane is connected, for those who ask how the worker is.</summary>
internal sealed class LinkState(TimeProvider time)
{
    private Moment _now = new(false, time.GetUtcNow(), "no connection yet");

    /// <summary>How it is now.</summary>
    public Moment Now => Volatile.Read(ref _now);

    /// <summary>A connection was made.</summary>
    public void Up() => Volatile.Write(ref _now, new Moment(true, time.GetUtcNow(), ""));

    /// <summary>There is none, and why; since when stays what it was where there was none before.</summary>
    public void Down(string reason) => Volatile.Write(ref _now, new Moment(false, Now.Connected ? time.GetUtcNow() : Now.Since, reason));

    /// <summary>The state from one instant on.</summary>
    /// <param name="Connected">Whether there is a connection.</param>
    /// <param name="Since">Since when, UTC.</param>
    /// <param name="Reason">Why there is none.</param>
    public sealed record Moment(bool Connected, DateTimeOffset Since, string Reason);
}
