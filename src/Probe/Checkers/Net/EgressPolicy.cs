using System.Net;
using System.Net.Sockets;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>
/// Which addresses may be probed. It is asked about the address that is about to be connected to, at every hop, never about the name:
/// a name can change its address between the question and the connection.
/// </summary>
/// <param name="denyLoopback">Refuses this machine itself.</param>
/// <param name="allow">Ranges that are allowed although they are refused by default.</param>
/// <param name="deny">Ranges that are refused whatever else is said.</param>
/// <param name="allowedIn">Where the host's user writes what is to be allowed, for messages; null where there is no such place.</param>
internal sealed class EgressPolicy(bool denyLoopback, IReadOnlyList<IPNetwork> allow, IReadOnlyList<IPNetwork> deny, string? allowedIn = null)
{
    private static readonly (IPNetwork Range, string Reason)[] Refused =
    [
        (IPNetwork.Parse("169.254.0.0/16"), "link-local"),
        (IPNetwork.Parse("fe80::/10"), "link-local"),
        (IPNetwork.Parse("fd00:ec2::254/128"), "cloud metadata"),
        (IPNetwork.Parse("fd20:ce::254/128"), "cloud metadata"),
        (IPNetwork.Parse("100.100.100.200/32"), "cloud metadata"),
    ];

    private static readonly (IPNetwork Range, string Reason)[] Loopback =
    [
        (IPNetwork.Parse("127.0.0.0/8"), "loopback"),
        (IPNetwork.Parse("::1/128"), "loopback"),
        // Linux connects these to loopback.
        (IPNetwork.Parse("0.0.0.0/8"), "loopback"),
        (IPNetwork.Parse("::/128"), "loopback"),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork Nat64Local = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96");

    /// <summary>Null where the address may be connected to, else the sentence that says why not.</summary>
    public string? Refusal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var embedded = Embedded(address);
        if (Find(deny, address, embedded) is { } denied)
            return $"egress: {address} is refused (in the denied range {denied})";
        if (Find(allow, address, embedded) is not null)
            return null;
        var reason = Reason(Refused, address, embedded) ?? (denyLoopback ? Reason(Loopback, address, embedded) : null);
        return reason is null
            ? null
            : $"egress: {address} is refused ({reason}){(allowedIn is null ? "" : $"; {allowedIn} can allow it")}";
    }

    private static IPNetwork? Find(IReadOnlyList<IPNetwork> ranges, IPAddress address, IPAddress? embedded)
    {
        // By index: no enumerator is allocated on the way of each check.
        for (var i = 0; i < ranges.Count; i++)
            if (ranges[i].Contains(address) || (embedded is not null && ranges[i].Contains(embedded)))
                return ranges[i];
        return null;
    }

    private static string? Reason((IPNetwork Range, string Reason)[] ranges, IPAddress address, IPAddress? embedded)
    {
        foreach (var (range, reason) in ranges)
            if (range.Contains(address) || (embedded is not null && range.Contains(embedded)))
                return reason;
        return null;
    }

    /// <summary>The address that a packet to <paramref name="address"/> ends at, where it carries another one.</summary>
    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return address.Equals(IPAddress.Any) ? IPAddress.Loopback : null;
        if (address.Equals(IPAddress.IPv6Any))
            return IPAddress.IPv6Loopback;
        if (address.Equals(IPAddress.IPv6Loopback))
            return null;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        if (Nat64.Contains(address) || Nat64Local.Contains(address) || Compatible.Contains(address))
            return new IPAddress(bytes[12..]);
        return SixToFour.Contains(address) ? new IPAddress(bytes[2..6]) : null;
    }
}
