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
        Bind(EngineOptionsValidator.BindAddress(options.Bind) ?? IPAddress.Loopback, options.ApiPort, "--api-port");
        if (options.LinkPort is { } link)
            Bind(EngineOptionsValidator.BindAddress(options.Bind) ?? IPAddress.Loopback, link, "--link-port");
        // "localhost" is both families, but for a port that the system picks; a machine without the second one is none the worse.
        if (options.Bind.Equals("localhost", StringComparison.OrdinalIgnoreCase) && options.ApiPort != 0 && Socket.OSSupportsIPv6)
            Bind(IPAddress.IPv6Loopback, options.ApiPort, "--api-port", SocketError.AddressNotAvailable);
        return Task.CompletedTask;
    }

    private void Bind(IPAddress address, int port, string flag, SocketError? allowed = null)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException error) when (error.SocketErrorCode != allowed)
        {
            throw new PortRefusedException(Sentence(error, port, flag), error);
        }
        catch (SocketException)
        {
        }
    }

    private string Sentence(SocketException error, int port, string flag) => error.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            $"Port {port} on {options.Bind} is taken: stop the program that has it, or choose another with {flag}.",
        SocketError.AccessDenied => $"This user may not listen on port {port}: choose one from 1024 with {flag}.",
        SocketError.AddressNotAvailable => $"This machine has no address {options.Bind}: choose another with --bind.",
        _ => $"HealthTrack cannot listen on port {port} of {options.Bind}: {error.Message}. Choose another with --bind and {flag}.",
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
