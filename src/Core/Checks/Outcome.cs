namespace HealthTrack.Core.Checks;

/// <summary>How a check ended. Only <see cref="Ok"/> is good; anything else is bad.</summary>
public enum Outcome : byte
{
    /// <summary>Answered as expected.</summary>
    Ok = 0,

    /// <summary>Answered, with a client error (4xx) where no expectation was given.</summary>
    Warn = 1,

    /// <summary>Answered, but not as expected, or with a server error (5xx).</summary>
    Error = 2,

    /// <summary>No answer: DNS, connect, TLS or the time limit.</summary>
    Down = 3,
}

/// <summary>Why a check was made.</summary>
public enum CheckKind : byte
{
    /// <summary>On its grid.</summary>
    Scheduled = 0,

    /// <summary>Soon after the monitor was new or changed; counted like any other, except in coverage.</summary>
    First = 1,

    /// <summary>Asked for by a person: stored, shown, counted in health, in no ratio and no coverage.</summary>
    Manual = 2,
}
