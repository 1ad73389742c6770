using System.Net;
using System.Net.Http.Headers;

namespace HealthTrack.Contracts.Api;

/// <summary>Asks a HealthTrack process on this machine whether it can serve: the health check of a container image, which has neither a shell nor curl.</summary>
public static class LocalHealth
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    /// <summary>Asks <c>/readyz</c> once. The answer's body goes to <paramref name="output"/>; it says what is degraded while the process serves.</summary>
    /// <param name="bind">What the process was told to listen on; where that is every address, it is asked on loopback.</param>
    /// <param name="port">Its port, 1 to 65535.</param>
    /// <param name="output">Takes what it answers.</param>
    /// <param name="errors">Takes why it cannot serve, one sentence.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The exit code: 0 where it serves, else 1.</returns>
    public static async Task<int> AskAsync(string bind, int port, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(bind);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(errors);
        var url = new UriBuilder("http", Host(bind), port, "/readyz").Uri;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Limit };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("healthtrack-healthcheck", null));
        try
        {
            using var answer = await http.GetAsync(url, cancellationToken).ConfigureAwait(false);
            var body = (await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false)).Trim();
            if (answer.IsSuccessStatusCode)
            {
                await output.WriteLineAsync(body.AsMemory(), cancellationToken).ConfigureAwait(false);
                return 0;
            }
            await errors.WriteLineAsync($"{url} answers {(int)answer.StatusCode}: {body}".AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException failure)
        {
            await errors.WriteLineAsync($"{url} does not answer: {failure.Message}".AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await errors.WriteLineAsync($"{url} does not answer within {Limit.TotalSeconds:0} s.".AsMemory(), cancellationToken).ConfigureAwait(false);
        }
        return 1;
    }

    private static string Host(string bind) =>
        !IPAddress.TryParse(bind, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? IPAddress.Loopback.ToString()
        : address.ToString();
}
