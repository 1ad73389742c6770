using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Text;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>What the opening of a connection tells the request that asked for it.</summary>
internal sealed class HttpConnect(CheckTrace trace, CancellationToken cancellationToken)
{
    public CheckTrace Trace { get; } = trace;
    public CancellationToken CancellationToken { get; } = cancellationToken;
    public CheckFailure? Failure { get; set; }

    /// <summary>Stopwatch ticks; 0 where the connection was there already.</summary>
    public long ConnectedAt { get; set; }
}

/// <summary>One request and its answer through HttpClient's machinery: HTTP/2, and connections that are kept.</summary>
internal static class HttpClientExchange
{
    public static readonly HttpRequestOptionsKey<HttpHop> HopKey = new("healthtrack.hop");
    public static readonly HttpRequestOptionsKey<HttpConnect> ConnectKey = new("healthtrack.connect");

    public static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = HttpLimits.Headers / 1024,
        MaxResponseDrainSize = 0,
        ActivityHeadersPropagator = null,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        // As our own HTTP/1.1 sends them.
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    };

    public static async Task<CheckFailure?> RunAsync(
        HttpMessageInvoker client, HttpHop hop, HttpConnect connect, HttpAnswer answer, Version version, HttpVersionPolicy policy)
    {
        var trace = connect.Trace;
        var cancellationToken = connect.CancellationToken;
        using var request = Request(hop, connect, version, policy);
        var began = Stopwatch.GetTimestamp();
        long firstByte = 0;
        try
        {
            using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            firstByte = Stopwatch.GetTimestamp();
            trace.FirstByte += firstByte - Math.Max(began, connect.ConnectedAt);
            trace.Protocol = response.Version.Major >= 2 ? $"HTTP/{response.Version.Major}" : $"HTTP/{response.Version}";
            answer.Begin((int)response.StatusCode, new CopiedFields(response));
            // A redirect's body is read too where the connection is kept: unread, it would close it.
            await ReadAsync(response, answer, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception) when (connect.Failure is not null)
        {
            return connect.Failure;
        }
        catch (Exception e) when (e is HttpRequestException || Wire.IsBroken(e))
        {
            return answer.Status == 0
                ? CheckFailure.Down($"HTTP: {Say(e, hop.Secrets)}")
                : CheckFailure.Error($"HTTP: the body broke off after {answer.BodyBytes} bytes: {Say(e, hop.Secrets)}");
        }
        finally
        {
            if (firstByte != 0)
                trace.Download += Stopwatch.GetTimestamp() - firstByte;
        }
    }

    private static HttpRequestMessage Request(HttpHop hop, HttpConnect connect, Version version, HttpVersionPolicy policy)
    {
        var request = new HttpRequestMessage(new HttpMethod(hop.Method), hop.Url) { Version = version, VersionPolicy = policy };
        request.Options.Set(HopKey, hop);
        request.Options.Set(ConnectKey, connect);
        if (hop.Body.Length > 0)
            request.Content = new ByteArrayContent(hop.Body);
        foreach (var header in hop.Headers)
            if (!request.Headers.TryAddWithoutValidation(header.Name, header.Value))
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(header.Name, header.Value);
        return request;
    }

    private static async Task ReadAsync(HttpResponseMessage response, HttpAnswer answer, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            int read;
            while (!answer.BodyIsFull && (read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                answer.Append(buffer.AsSpan(0, read));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Say(Exception e, SecretScrubber secrets)
    {
        var error = (e as HttpRequestException)?.HttpRequestError ?? (e as HttpIOException)?.HttpRequestError;
        return error switch
        {
            HttpRequestError.ConfigurationLimitExceeded => "the answer's header is longer than 64 KiB",
            HttpRequestError.ResponseEnded => "the server closed the connection",
            HttpRequestError.InvalidResponse => $"the answer is not HTTP: {secrets.OneLineOf((e.InnerException ?? e).Message)}",
            HttpRequestError.HttpProtocolError => $"the server broke the protocol: {secrets.OneLineOf((e.InnerException ?? e).Message)}",
            _ when e is OperationCanceledException or ObjectDisposedException => "no answer in time",
            _ => secrets.OneLineOf((e.InnerException ?? e).Message),
        };
    }

    /// <summary>Copied, because they outlive the response.</summary>
    private sealed class CopiedFields : IHeaderFields
    {
        private readonly Dictionary<string, string[]> _fields = new(StringComparer.OrdinalIgnoreCase);

        public CopiedFields(HttpResponseMessage response)
        {
            foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
                _fields[name] = [.. values];
        }

        public IEnumerable<string> Values(string name) => _fields.GetValueOrDefault(name, []);
    }
}
