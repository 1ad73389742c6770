namespace HealthTrack.Operator.Runtime;

/// <summary>How the API server is watched.</summary>
internal sealed record ReflectorOptions
{
    /// <summary>A label selector, where not all objects are of interest; null: they are.</summary>
    public string? Labels { get; init; }

    /// <summary>Objects a page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>How long the API server is asked to keep a watch open, at least; up to half as much again, so that watches do not end together.</summary>
    public TimeSpan WatchFor { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How much longer than it was asked to last a watch may stay open: what is silent for longer is a dead connection.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A watch that ends sooner than this without a word counts as failed, lest it is begun anew without end.</summary>
    public TimeSpan ShortWatch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between tries.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(15));
}
