using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;

namespace HealthTrack.Engine;

/// <summary>
/// Finds out that the port cannot be had before any stage is started: the web server starts last, and a start that fails there would first have to stop
/// all the others.
/// </summary>
internal sealed class PortCheck(EngineOptions options) : IHostedLifecycleService
{
    /// <inheritdoc/>
    /// <exception cref="SocketException">The port is taken, or may not be had.</exception>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (options.ApiPort == 0)
            return Task.CompletedTask;
        var address = EngineOptionsValidator.BindAddress(options.Bind) ?? IPAddress.Loopback;
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, options.ApiPort));
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
