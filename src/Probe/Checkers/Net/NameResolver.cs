using System.Net;
using System.Net.Sockets;
using DnsClient;
using DnsClient.Protocol;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>Addresses of a name, or the sentence that says why there are none.</summary>
internal readonly record struct Resolution(IReadOnlyList<IPAddress> Addresses, string? Failure);

/// <summary>
/// Resolves names without blocking a pool thread, which <c>System.Net.Dns</c> does on Linux, and without a cache: a check measures what a
/// fresh client would meet. DnsClient speaks the protocol; hosts file, search domains and <c>localhost</c> are here.
/// </summary>
internal sealed class NameResolver
{
    private sealed record Servers(ResolverSettings Settings, LookupClient Client);

    private readonly WatchedFile<HostsFile> _hosts;
    private readonly WatchedFile<Servers> _servers;

    public NameResolver(string hostsPath = "/etc/hosts", string resolvPath = "/etc/resolv.conf")
        : this(hostsPath, resolvPath, ResolverSettings.Parse)
    {
    }

    /// <summary>For tests, whose name servers do not listen on port 53.</summary>
    internal NameResolver(string hostsPath, string resolvPath, Func<string, ResolverSettings> parse)
    {
        _hosts = new WatchedFile<HostsFile>(hostsPath, HostsFile.Parse, () => HostsFile.Empty);
        _servers = new WatchedFile<Servers>(resolvPath, text => Client(parse(text)), () => Client(ResolverSettings.Default));
    }

    /// <summary>Resolves a name or reads an address literal.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async ValueTask<Resolution> ResolveAsync(string host, IpFamily family, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var literal))
            return Chosen([literal], host, family);
        var name = host.TrimEnd('.');
        if (_hosts.Value.Find(name) is { Count: > 0 } known)
            return Chosen(known, host, family);
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            return Chosen([IPAddress.Loopback, IPAddress.IPv6Loopback], host, family);

        var (settings, client) = _servers.Value;
        string? failure = null;
        foreach (var candidate in Candidates(host, settings))
        {
            var (addresses, problem) = await QueryAsync(client, candidate, family, settings, cancellationToken).ConfigureAwait(false);
            if (addresses.Count > 0)
                return new Resolution(addresses, null);
            failure ??= problem;
        }
        return new Resolution([], failure ?? $"DNS: no such host {name}{Wanted(family)}");
    }

    /// <summary>The full names that a name may stand for, in the order of resolv.conf(5).</summary>
    internal static IEnumerable<string> Candidates(string host, ResolverSettings settings)
    {
        var name = host.TrimEnd('.');
        if (host.EndsWith('.'))
            return [name];
        var below = settings.Search.Select(domain => $"{name}.{domain}");
        return name.Count(c => c == '.') >= settings.Ndots ? below.Prepend(name) : below.Append(name);
    }

    private static Resolution Chosen(IReadOnlyList<IPAddress> addresses, string host, IpFamily family)
    {
        if (family == IpFamily.Any)
            return new Resolution(addresses, null);
        var wanted = family == IpFamily.V4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        var chosen = addresses.Where(a => a.AddressFamily == wanted).ToArray();
        return chosen.Length > 0 ? new Resolution(chosen, null) : new Resolution([], $"DNS: no such host {host}{Wanted(family)}");
    }

    private static string Wanted(IpFamily family) => family switch
    {
        IpFamily.V4 => " (only IPv4 is asked for)",
        IpFamily.V6 => " (only IPv6 is asked for)",
        _ => "",
    };

    private static async Task<(IReadOnlyList<IPAddress> Addresses, string? Problem)> QueryAsync(
        LookupClient client, string name, IpFamily family, ResolverSettings settings, CancellationToken cancellationToken)
    {
        var v6 = family != IpFamily.V4 ? AskAsync(client, name, QueryType.AAAA, settings, cancellationToken) : null;
        var v4 = family != IpFamily.V6 ? AskAsync(client, name, QueryType.A, settings, cancellationToken) : null;
        var (six, sixProblem) = v6 is null ? ([], null) : await v6.ConfigureAwait(false);
        var (four, fourProblem) = v4 is null ? ([], null) : await v4.ConfigureAwait(false);
        return (AddressOrder.Of(six, four), sixProblem ?? fourProblem);
    }

    private static async Task<(IPAddress[] Addresses, string? Problem)> AskAsync(
        LookupClient client, string name, QueryType type, ResolverSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            // DnsClient looks at the token between its steps only: the wait ends when the check's time does.
            var answer = await client.QueryAsync(name, type, QueryClass.IN, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            var addresses = answer.Answers.OfType<AddressRecord>().Select(record => record.Address).ToArray();
            var problem = answer.Header.ResponseCode switch
            {
                DnsHeaderResponseCode.NoError or DnsHeaderResponseCode.NotExistentDomain => null,
                var code => $"DNS: the name server answered {Name(code)} for {name}",
            };
            return (addresses, problem);
        }
        catch (DnsResponseException e) when (!cancellationToken.IsCancellationRequested)
        {
            var asked = string.Join(", ", settings.Servers);
            return ([], e.Code == DnsResponseCode.ConnectionTimeout
                ? $"DNS: no answer for {name} from {asked}"
                : $"DNS: asking {asked} for {name} failed: {e.DnsError}");
        }
        catch (Exception e) when (e is not OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // A name that is none, or an answer that is none: DnsClient has an exception of its own for many of them.
            return ([], $"DNS: {name} cannot be asked for: {OneLine.Of(e.Message)}");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OperationCanceledException("The check ended while the name server was asked.", e, cancellationToken);
        }
    }

    private static string Name(DnsHeaderResponseCode code) => code switch
    {
        DnsHeaderResponseCode.ServerFailure => "SERVFAIL",
        DnsHeaderResponseCode.Refused => "REFUSED",
        DnsHeaderResponseCode.FormatError => "FORMERR",
        DnsHeaderResponseCode.NotImplemented => "NOTIMP",
        _ => code.ToString(),
    };

    private static Servers Client(ResolverSettings settings) => new(settings, new LookupClient(
        new LookupClientOptions([.. settings.Servers.Select(server => new NameServer(server))])
        {
            UseCache = false,
            Timeout = settings.Timeout,
            Retries = settings.Attempts - 1,
            ThrowDnsErrors = false,
            ContinueOnDnsError = true,
            CacheFailedResults = false,
        }));
}
