using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine;

/// <summary>How the control plane runs.</summary>
public sealed record EngineOptions
{
    /// <summary>The address that the API listens on, an IP address or <c>localhost</c>: a loopback address, or one that other machines reach.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>The API's port; 0 lets the system pick one.</summary>
    public int ApiPort { get; init; } = 8000;

    /// <summary>
    /// A file whose text is the bearer token that the API asks for, read anew when it changes; null: there is none, which is allowed on a
    /// loopback address, where the host knows callers, and where reads are open and nobody writes.
    /// </summary>
    public string? ApiTokenFile { get; init; }

    /// <summary>True: the host registers who knows callers and workers by credentials of their own, as a cluster does.</summary>
    public bool HostAuthority { get; init; }

    /// <summary>True: with <see cref="HostAuthority"/> a loopback address asks for a credential too, as in a pod.</summary>
    public bool CredentialOnLoopback { get; init; }

    /// <summary>True: whoever reaches the API may read, without a credential.</summary>
    public bool AnonymousReads { get; init; }

    /// <summary>The port that workers of other processes dial, on <see cref="Bind"/>; 0 lets the system pick one; null: there are none.</summary>
    public int? LinkPort { get; init; }

    /// <summary>A file whose text is the token that workers show, read anew when it changes; null: none is asked for, which is allowed on a
    /// loopback address alone, or <see cref="HostAuthority"/> knows them.</summary>
    public string? LinkTokenFile { get; init; }

    /// <summary>The certificate of the link with its chain, PEM, read anew when it changes; null: the link is not encrypted.</summary>
    public string? LinkTlsCert { get; init; }

    /// <summary>The key of <see cref="LinkTlsCert"/>, PEM.</summary>
    public string? LinkTlsKey { get; init; }

    /// <summary>Where results are kept: <c>sqlite:PATH</c>, <c>postgres://USER:PASSWORD@HOST/DATABASE</c> or Npgsql's keywords. May hold a password: never logged.</summary>
    public required string Storage { get; init; }

    /// <summary>
    /// A Redis that keeps replicas and restarts from sending a notification twice: <c>HOST:PORT</c>, or StackExchange.Redis' options; null: each process knows what it
    /// sent itself. May hold a password: never logged.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>The brokers of the Kafka that checks, changes of health and alerts are streamed to, <c>HOST:PORT</c>, several with commas; null: there is none.</summary>
    public string? Kafka { get; init; }

    /// <summary>A file of librdkafka's properties for <see cref="Kafka"/>, <c>key=value</c> a line, such as those of a sign-in; null: none are needed.</summary>
    public string? KafkaConfigFile { get; init; }

    /// <summary>A URL that the leader calls each minute while all is well; null: there is none, or it is in a file. May hold a token: never logged.</summary>
    public string? DeadmanUrl { get; init; }

    /// <summary>Instead: a file that holds it, read anew at each call.</summary>
    public string? DeadmanUrlFile { get; init; }

    /// <summary>Where people find the dashboard, for links in notifications.</summary>
    public Uri PublicUrl { get; init; } = new("http://127.0.0.1:3000");

    /// <summary>How long checks are kept, a duration from <c>1d</c> to <c>3650d</c>.</summary>
    public string Retention { get; init; } = RetentionOptions.Default;

    /// <summary>Leaves the members out: one of them may hold a password.</summary>
    public override string ToString() => nameof(EngineOptions);
}
