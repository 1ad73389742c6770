namespace HealthTrack.Engine.Leadership;

/// <summary>A process that nobody stands by for: it leads from its start to its end.</summary>
internal sealed class AlwaysLeader : ILeadership
{
    /// <inheritdoc/>
    public Task Elected => Task.CompletedTask;

    /// <inheritdoc/>
    public CancellationToken Lost => CancellationToken.None;

    /// <inheritdoc/>
    public string? Leader => Environment.MachineName;
}
