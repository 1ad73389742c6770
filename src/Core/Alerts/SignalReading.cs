namespace HealthTrack.Core.Alerts;

/// <summary>What one signal of a monitor says at one instant.</summary>
public readonly record struct SignalReading
{
    /// <summary>About what.</summary>
    public required AlertSignal Signal { get; init; }

    /// <summary>Whether something is wrong.</summary>
    public required SignalState State { get; init; }

    /// <summary>How urgent it is; of use while <see cref="State"/> is <see cref="SignalState.Wrong"/>.</summary>
    public AlertSeverity Severity { get; init; }

    /// <summary>Why, one word: one of the reasons of health, or why it is over.</summary>
    public string Reason { get; init; }

    /// <summary>For people: what is wrong, its value and the threshold.</summary>
    public string Message { get; init; }
}

/// <summary>Whether a signal says that something is wrong.</summary>
public enum SignalState
{
    /// <summary>Nobody can tell: an alert stays as it is.</summary>
    Unknown,

    /// <summary>Nothing is wrong.</summary>
    Well,

    /// <summary>Something is wrong.</summary>
    Wrong,

    /// <summary>Nobody wants to know any more (suspended, deleted, signal taken out of the spec): an alert ends at once.</summary>
    Off,
}
