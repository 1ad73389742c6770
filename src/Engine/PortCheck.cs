using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace HealthTrack.Engine;

/// <summary>
/// Finds out that the port cannot be had before any stage is started: the web server starts last, and a start that fails there would first have to stop
/// all the others. It is also what knows that the port is the API's own and not that of another listener of the same program.
/// </summary>
internal sealed class PortCheck(EngineOptions options) : IHostedLifecycleService
{
    /// <inheritdoc/>
    /// <exception cref="PortRefusedException">The port is taken, or may not be had.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Try(options.Bind, options.ApiPort, "--api-port");
        if (options.LinkPort is { } link)
            Try(options.Bind, link, "--link-port");
        // "localhost" is both families, but for a port that the system picks; a machine without the second one is none the worse.
        if (options.Bind.Equals("localhost", StringComparison.OrdinalIgnoreCase) && options.ApiPort != 0 && Socket.OSSupportsIPv6)
            Try(options.Bind, IPAddress.IPv6Loopback, options.ApiPort, "--api-port", SocketError.AddressNotAvailable);
        return Task.CompletedTask;
    }

    /// <summary>Finds out whether a port can be had now.</summary>
    /// <param name="bind">The address, as the user gave it.</param>
    /// <param name="port">The port; 0 can always be had.</param>
    /// <param name="flag">The flag that chooses another.</param>
    /// <exception cref="PortRefusedException">It cannot.</exception>
    public static void Try(string bind, int port, string flag) => Try(bind, EngineOptionsValidator.BindAddress(bind) ?? IPAddress.Loopback, port, flag);

    private static void Try(string bind, IPAddress address, int port, string flag, SocketError? allowed = null)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException error) when (error.SocketErrorCode != allowed)
        {
            throw new PortRefusedException(Sentence(error, bind, port, flag), error);
        }
        catch (SocketException)
        {
        }
    }

    private static string Sentence(SocketException error, string bind, int port, string flag) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            $"Port {port} on {bind} is taken: stop the program that has it, or choose another with {flag}.",
        SocketError.AccessDenied => $"This user may not listen on port {port}: choose one from 1024 with {flag}.",
        SocketError.AddressNotAvailable => $"This machine has no address {bind}: choose another with --bind.",
        _ => $"HealthTrack cannot listen on port {port} of {bind}: {error.Message}. Choose another with --bind and {flag}.",
    };

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>The API's own port or address cannot be had.</summary>
/// <param name="sentence">What to do, for the person who started the program.</param>
/// <param name="inner">What the system said.</param>
internal sealed class PortRefusedException(string sentence, SocketException inner) : Exception(sentence, inner);
