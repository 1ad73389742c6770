namespace HealthTrack.Operator.Status;

/// <summary>Lets so many pass a second, and so many at once after a pause. Thread-safe.</summary>
internal sealed class TokenBucket
{
    private readonly double _rate;
    private readonly double _burst;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private double _tokens;
    private long _at;

    /// <param name="rate">A second.</param>
    /// <param name="burst">At once.</param>
    /// <param name="time">The clock.</param>
    public TokenBucket(double rate, double burst, TimeProvider time)
    {
        (_rate, _burst, _time) = (rate, burst, time);
        (_tokens, _at) = (burst, time.GetTimestamp());
    }

    /// <summary>Takes the next token, which may be one that is still to come: whoever waits has a place in the line and need not ask again.</summary>
    /// <returns>How long until it may be spent; zero: now.</returns>
    public TimeSpan Reserve()
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _tokens = Math.Min(_burst, _tokens + (_time.GetElapsedTime(_at, now).TotalSeconds * _rate));
            _at = now;
            _tokens--;
            return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / _rate);
        }
    }

    /// <summary>Gives back a token that was taken and not spent.</summary>
    public void Return()
    {
        lock (_gate)
            _tokens = Math.Min(_burst, _tokens + 1);
    }
}
