namespace HealthTrack.Engine;

/// <summary>How the control plane runs.</summary>
public sealed record EngineOptions
{
    /// <summary>The address that the API listens on: a loopback address, or one that other machines reach.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>The API's port; 0 lets the system pick one.</summary>
    public int ApiPort { get; init; } = 8000;

    /// <summary>Where results are kept: <c>sqlite:PATH</c>.</summary>
    public required string Storage { get; init; }

    /// <summary>How long checks are kept.</summary>
    public TimeSpan CheckRetention { get; init; } = TimeSpan.FromDays(14);
}
