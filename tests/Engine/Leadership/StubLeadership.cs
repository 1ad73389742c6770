using HealthTrack.Engine.Leadership;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Engine.Tests.Leadership;

/// <summary>A leadership that a test gives and takes.</summary>
internal sealed class StubLeadership(IHostApplicationLifetime lifetime) : Candidate(lifetime, NullLogger.Instance)
{
    private string? _leader;

    public override string? Leader => _leader;

    public void Elect()
    {
        _leader = "me";
        Win();
    }

    public void Follow(string leader) => _leader = leader;

    public void TakeAway() => Lose("Another process leads.");

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
}
