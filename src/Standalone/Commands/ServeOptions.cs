using System.Net;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Standalone.Commands;

/// <summary>What the command line said, before defaults that depend on one another.</summary>
internal sealed record ServeOptions
{
    public bool Demo { get; init; }

    public string? Monitors { get; init; }

    public string Data { get; init; } = "data";

    public string? Storage { get; init; }

    public string Retention { get; init; } = RetentionOptions.Default;

    public string? Secrets { get; init; }

    public int ApiPort { get; init; } = 8000;

    public int DashboardPort { get; init; } = 3000;

    public string Bind { get; init; } = "127.0.0.1";

    public string? ApiTokenFile { get; init; }

    public string? Redis { get; init; }

    public string? Kafka { get; init; }

    public string? KafkaConfigFile { get; init; }

    public string? DeadmanUrl { get; init; }

    public string? DeadmanUrlFile { get; init; }

    public string? PublicUrl { get; init; }

    /// <summary>The dashboard has no sign-in of its own yet: where the API is bound wider, it stays on loopback.</summary>
    public string DashboardBind => IPAddress.TryParse(Bind, out var address) && IPAddress.IsLoopback(address) ? Bind : "127.0.0.1";

    /// <summary>The demo alone shows its own monitors and no folder.</summary>
    public string? MonitorsFolder => Monitors ?? (Demo ? null : Path.Combine(Data, "monitors"));

    /// <summary>Where results are kept.</summary>
    /// <param name="folder">The folder of an embedded store.</param>
    public string StorageUrl(string folder) => Storage ?? $"sqlite:{Path.Combine(folder, "healthtrack.db")}";
}
