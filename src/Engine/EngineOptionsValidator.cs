using System.Net;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Deadman;
using HealthTrack.Engine.Dispatch;
using HealthTrack.Engine.Events;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Options;

namespace HealthTrack.Engine;

/// <summary>Says in sentences what is wrong with the settings, before anything is started.</summary>
internal sealed class EngineOptionsValidator : IValidateOptions<EngineOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, EngineOptions options)
    {
        var problems = new List<string>();
        if (options.ApiPort is < 0 or > 65535)
            problems.Add($"--api-port must be 1 to 65535, or 0 to let the system pick one; it is {options.ApiPort}.");
        if (BindAddress(options.Bind) is not { } address)
            problems.Add($"--bind must be an IP address, such as 127.0.0.1 or 0.0.0.0, or localhost; it is '{options.Bind}'.");
        else if (!IPAddress.IsLoopback(address) && options is { ApiTokenFile: null, HostAuthority: false, AnonymousReads: false })
            problems.Add($"Other machines reach {options.Bind}: give the API a token with --api-token-file FILE, or bind 127.0.0.1.");
        if (options.ApiTokenFile is { } file && ApiToken.Problem(file) is { } problem)
            problems.Add(problem);
        problems.AddRange(LinkProblems(options));
        if (ProblemOf(() => StorageUrl.Parse(options.Storage)) is { } storage)
            problems.Add(storage);
        if (options.Redis is { } redis && ProblemOf(() => RedisDeliveryClaims.Settings(redis)) is { } unusable)
            problems.Add(unusable);
        if (KafkaProblem(options) is { } kafka)
            problems.Add(kafka);
        if (!options.PublicUrl.IsAbsoluteUri || options.PublicUrl.Scheme is not ("http" or "https"))
            problems.Add($"--public-url must be an http or https URL, such as https://healthtrack.example.org; it is '{options.PublicUrl}'.");
        if (DeadmanUrl.IsIn(options) && ProblemOf(() => DeadmanUrl.Of(options).Read()) is { } deadman)
            problems.Add(deadman);
        if (ProblemOf(() => RetentionOptions.Read(options.Retention)) is { } retention)
            problems.Add(retention);
        return problems.Count > 0 ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }

    private static IEnumerable<string> LinkProblems(EngineOptions options)
    {
        if (options.LinkPort is not { } port)
            yield break;
        if (port is < 0 or > 65535)
            yield return $"--link-port must be 1 to 65535, or 0 to let the system pick one; it is {port}.";
        else if (port != 0 && port == options.ApiPort)
            yield return $"--link-port and --api-port are both {port}: give them different ports.";
        if (BindAddress(options.Bind) is { } address && !IPAddress.IsLoopback(address) && options.LinkTokenFile is null && !options.HostAuthority)
            yield return $"Other machines reach {options.Bind}: give the workers a token with --link-token-file FILE, or bind 127.0.0.1.";
        if (options.LinkTokenFile is { } file && ApiToken.Problem(file, "workers' token") is { } problem)
            yield return problem;
        if (options.LinkTlsCert is null != options.LinkTlsKey is null)
            yield return "--link-tls-cert and --link-tls-key belong together: give both.";
        else if (options.LinkTlsCert is { } cert && options.LinkTlsKey is { } key && LinkCertificate.Problem(cert, key) is { } unusable)
            yield return unusable;
    }

    /// <summary>The address that a setting names; null where it names none.</summary>
    public static IPAddress? BindAddress(string bind)
    {
        if (bind.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.Loopback;
        // "1" and "127.1" parse too, as addresses that nobody meant.
        return IPAddress.TryParse(bind, out var address) && (bind.Contains(':', StringComparison.Ordinal) || bind.Count(c => c == '.') == 3)
            ? address
            : null;
    }

    private static string? KafkaProblem(EngineOptions options)
    {
        if (options.Kafka is { } brokers)
            return ProblemOf(() => KafkaSettings.Read(brokers, options.KafkaConfigFile));
        return options.KafkaConfigFile is null ? null : "--kafka-config is of no use without --kafka: give the brokers with --kafka HOST:PORT.";
    }

    // What reads a setting says best what is wrong with it.
    private static string? ProblemOf(Func<object> read)
    {
        try
        {
            _ = read();
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}
