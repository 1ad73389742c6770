using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Probe.Checkers.Net;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Probe.Link;

/// <summary>
/// The link to a control plane in another process. Of several operators one leads and the others say so: all addresses of all names are tried in turn, at
/// once, and only a whole round without success is a failure.
/// </summary>
internal sealed class GrpcProbeLink(LinkOptions options, NameResolver resolver, TimeProvider time, ILogger<GrpcProbeLink> logger) : IProbeLink
{
    private const int MaxToken = 64 * 1024;
    private static readonly TimeSpan ResolveTimeout = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, IReadOnlyList<IPAddress>> _known = [];
    private readonly HashSet<string> _warned = [];
    private IPEndPoint? _silent;

    /// <inheritdoc/>
    public async Task<IProbeConnection> ConnectAsync(WorkerHello hello, CancellationToken cancellationToken)
    {
        var token = await ReadTokenAsync(cancellationToken).ConfigureAwait(false);
        var roots = ReadRoots();
        var problems = new List<string>();
        LinkRefusedException? refusal = null;
        foreach (var (target, endpoint) in await EndpointsAsync(problems, cancellationToken).ConfigureAwait(false))
        {
            if (!target.Tls && !target.IsLoopback && _warned.Add(target.ToString()))
                Log.PlainText(logger, target.ToString());
            var connection = new GrpcProbeConnection(Open(target, endpoint, roots), hello, token, time);
            try
            {
                await connection.HelloAsync(options.HelloTimeout, cancellationToken).ConfigureAwait(false);
                // One that then has nothing to say either is tried last the next time.
                connection.Ended = heard => _silent = heard ? null : endpoint;
                return connection;
            }
            catch (Exception e)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                if (e is not IOException failure)
                    throw;
                refusal ??= failure as LinkRefusedException;
                problems.Add($"{endpoint}: {failure.Message}");
            }
        }
        throw refusal ?? new IOException(string.Join("; ", problems.Distinct().Take(8)));
    }

    private async Task<List<(OperatorAddress Target, IPEndPoint Endpoint)>> EndpointsAsync(List<string> problems, CancellationToken cancellationToken)
    {
        var endpoints = new List<(OperatorAddress, IPEndPoint)>();
        foreach (var target in options.Operators)
        {
            var found = await ResolveAsync(target.Host, cancellationToken).ConfigureAwait(false);
            if (found.Addresses.Count > 0)
                _known[target.Host] = found.Addresses;
            else
                problems.Add(found.Failure ?? $"DNS: {target.Host} has no address");
            // Addresses that were good a moment ago are better than none while the name server is away.
            foreach (var address in _known.GetValueOrDefault(target.Host, []))
                endpoints.Add((target, new IPEndPoint(address, target.Port)));
        }
        return [.. endpoints.OrderBy(e => e.Item2.Equals(_silent))];
    }

    private async Task<Resolution> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ResolveTimeout);
        try
        {
            return await resolver.ResolveAsync(host, IpFamily.Any, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Resolution([], $"DNS: no answer for {host} in time");
        }
    }

    private GrpcChannel Open(OperatorAddress target, IPEndPoint endpoint, X509Certificate2Collection? roots)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = options.PingAfter,
            KeepAlivePingTimeout = options.PingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            ConnectCallback = (_, cancellationToken) => ConnectSocketAsync(endpoint, cancellationToken),
            SslOptions = new SslClientAuthenticationOptions { TargetHost = target.Host, CertificateChainPolicy = Policy(roots) },
        };
        return GrpcChannel.ForAddress(target.Url, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = LinkLimits.ControlMessageBytes,
            MaxSendMessageSize = LinkLimits.WorkerMessageBytes,
            MaxRetryAttempts = null,
        });
    }

    private static X509ChainPolicy? Policy(X509Certificate2Collection? roots)
    {
        if (roots is null)
            return null;
        var policy = TrustStore.Nothing();
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private static async ValueTask<Stream> ConnectSocketAsync(IPEndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Read anew each time: a projected token is renewed under the same name.
    private async Task<string?> ReadTokenAsync(CancellationToken cancellationToken)
    {
        if (options.TokenFile is not { } file)
            return null;
        try
        {
            if (new FileInfo(file).Length > MaxToken)
                throw new LinkRefusedException($"The token file {file} is larger than 64 KiB: it holds no token.", null);
            var token = (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim();
            return token.Length > 0 && token.All(c => c is > ' ' and < '\x7f')
                ? token
                : throw new LinkRefusedException($"The token file {file} must hold one token: printable characters without spaces.", null);
        }
        catch (Exception e) when (e is IOException and not LinkRefusedException or UnauthorizedAccessException)
        {
            throw new IOException($"The token file {file} cannot be read: {e.Message}", e);
        }
    }

    private X509Certificate2Collection? ReadRoots()
    {
        if (options.CaFile is not { } file)
            return null;
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new IOException($"The CA file {file} cannot be read: {e.Message}", e);
        }
        return roots.Count > 0 ? roots : throw new IOException($"The CA file {file} holds no certificate in PEM form.");
    }
}
