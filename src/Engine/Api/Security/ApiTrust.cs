using System.Net;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Api.Security;

/// <summary>Whom this process lets in, made of its settings and of what the host registered.</summary>
internal sealed class ApiTrust
{
    public ApiTrust(EngineOptions options, IEnumerable<IApiAuthority> hosts, TimeProvider time, ILogger<ApiToken> log)
    {
        var host = hosts.LastOrDefault();
        if (options.HostAuthority && host is null)
            throw new InvalidOperationException("The host said that it knows callers, and registered nobody who does.");
        OnLoopback = EngineOptionsValidator.BindAddress(options.Bind) is { } address && IPAddress.IsLoopback(address);
        var file = options.ApiTokenFile is { } path ? new TokenFileAuthority(new ApiToken(path, time, log)) : null;
        // A machine's own user is not asked for more than the machine asks for; the containers of a pod are not all one user.
        AsksNobody = OnLoopback && file is null && !(host is not null && options.CredentialOnLoopback);
        AnonymousReads = options.AnonymousReads;
        // The file costs nothing to ask.
        Authorities = [.. new IApiAuthority?[] { file, host }.OfType<IApiAuthority>()];
        OfForwarded = host ?? file;
        Namespaces = host?.Namespaces ?? [];
        HowToCall = Sentence(file is not null, host is not null);
    }

    /// <summary>Whether only this machine reaches the API.</summary>
    public bool OnLoopback { get; }

    /// <summary>No credential is asked for, and none is looked at.</summary>
    public bool AsksNobody { get; }

    /// <summary>Reads are open to all.</summary>
    public bool AnonymousReads { get; }

    /// <summary>Who may know a credential, in the order of asking.</summary>
    public IReadOnlyList<IApiAuthority> Authorities { get; }

    /// <summary>Who judges what a user may do whom the dashboard forwards; null where nobody can forward.</summary>
    public IApiAuthority? OfForwarded { get; }

    /// <summary>The namespaces that are shown, see <see cref="IApiAuthority.Namespaces"/>; empty: all.</summary>
    public IReadOnlyList<string> Namespaces { get; }

    /// <summary>What a caller without a good credential is told.</summary>
    public string HowToCall { get; }

    private static string Sentence(bool file, bool host) => (file, host) switch
    {
        (_, true) => "Send a token that the cluster accepts in the header Authorization: Bearer TOKEN, such as that of kubectl create token.",
        (true, false) => "Send the API's token in the header Authorization: Bearer TOKEN.",
        _ => "This API takes no writes: it was started without --api-token-file.",
    };
}
