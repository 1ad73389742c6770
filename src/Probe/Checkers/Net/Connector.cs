using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>An open connection, or why there is none. Exactly one is set.</summary>
internal readonly record struct Connection(Wire? Wire, CheckFailure? Failure);

/// <summary>The way to a connection that every transport and protocol shares: resolve, ask the egress policy, connect, speak TLS.</summary>
internal sealed class Connector(NameResolver resolver, EgressPolicy egress, TlsHandshake handshake)
{
    // RFC 8305, section 5: "Connection Attempt Delay", 250 ms.
    private static readonly TimeSpan NextAddressAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects; how long each phase took goes into <paramref name="trace"/>.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="trace">Takes phases, address and certificate.</param>
    /// <param name="cancellationToken">Closes the connection whenever it is cancelled, also after this returned.</param>
    /// <returns>A value on every way out; after a cancellation the failure says nothing of use.</returns>
    public async ValueTask<Connection> ConnectAsync(ConnectTarget target, CheckTrace trace, CancellationToken cancellationToken)
    {
        IPEndPoint[]? many = null;
        var remote = target.Literal;
        if (remote is null)
        {
            var asked = Stopwatch.GetTimestamp();
            try
            {
                var resolved = await resolver.ResolveAsync(target.Host, target.Family, cancellationToken).ConfigureAwait(false);
                if (resolved.Failure is not null)
                    return new Connection(null, CheckFailure.Down(resolved.Failure));
                many = [.. resolved.Addresses.Select(address => new IPEndPoint(ConnectTarget.Plain(address), target.Port))];
            }
            catch (OperationCanceledException)
            {
                return new Connection(null, CheckFailure.Down($"DNS: no answer for {target.Host} in time"));
            }
            finally
            {
                trace.Dns += Stopwatch.GetTimestamp() - asked;
            }
        }

        var refusal = remote is null ? Refuse(ref many) : egress.Refusal(remote.Address);
        if (refusal is not null)
            return new Connection(null, CheckFailure.Down(refusal));
        remote ??= many!.Length == 1 ? many[0] : null;

        var began = Stopwatch.GetTimestamp();
        Wire wire;
        if (remote is not null)
            wire = await Wire.ConnectAsync(remote, cancellationToken).ConfigureAwait(false);
        else
            (wire, remote) = await RaceAsync(many!, cancellationToken).ConfigureAwait(false);
        trace.Connect += Stopwatch.GetTimestamp() - began;
        trace.Remote = remote;
        if (wire.Error != SocketError.Success)
        {
            var failure = CheckFailure.Down($"connect: {remote} {SocketErrors.Say(wire.Error)}");
            wire.Dispose();
            return new Connection(null, failure);
        }

        if (target.Tls is null)
            return new Connection(wire, null);
        var started = Stopwatch.GetTimestamp();
        var problem = await handshake.RunAsync(wire, target.Tls, trace, cancellationToken).ConfigureAwait(false);
        trace.Tls += Stopwatch.GetTimestamp() - started;
        if (problem is null)
            return new Connection(wire, null);
        wire.Dispose();
        return new Connection(null, CheckFailure.Down(problem));
    }

    /// <summary>Takes the refused addresses out; the first refusal where none is left.</summary>
    private string? Refuse(ref IPEndPoint[]? remotes)
    {
        string? first = null;
        remotes = Array.FindAll(remotes!, remote =>
        {
            var refusal = egress.Refusal(remote.Address);
            first ??= refusal;
            return refusal is null;
        });
        return remotes.Length == 0 ? first : null;
    }

    /// <summary>
    /// Tries the addresses in order; the next one joins when one fails, or after <see cref="NextAddressAfter"/>. The first that connects
    /// wins. A simple "Happy Eyeballs" (RFC 8305).
    /// </summary>
    private static async Task<(Wire Wire, IPEndPoint Remote)> RaceAsync(IPEndPoint[] remotes, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<(Task<Wire> Attempt, IPEndPoint Remote)>();
        var next = 0;
        while (true)
        {
            if (next < remotes.Length)
            {
                running.Add((Wire.ConnectAsync(remotes[next], over.Token).AsTask(), remotes[next]));
                next++;
            }
            var attempts = running.Select(r => (Task)r.Attempt);
            if (next < remotes.Length)
                attempts = attempts.Append(Task.Delay(NextAddressAfter, over.Token));
            var ended = await Task.WhenAny(attempts).ConfigureAwait(false);
            var index = running.FindIndex(r => r.Attempt == ended);
            if (index < 0)
                continue;
            var (wire, remote) = (await running[index].Attempt.ConfigureAwait(false), running[index].Remote);
            running.RemoveAt(index);
            if (wire.Error == SocketError.Success || (running.Count == 0 && next == remotes.Length))
            {
                // The winner stays tied to the check's own token: it must not be closed with the losers.
                wire.TieTo(cancellationToken);
                await over.CancelAsync().ConfigureAwait(false);
                foreach (var (attempt, _) in running)
                    (await attempt.ConfigureAwait(false)).Dispose();
                return (wire, remote);
            }
            wire.Dispose();
        }
    }
}
