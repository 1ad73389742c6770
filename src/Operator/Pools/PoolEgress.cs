using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using HealthTrack.Contracts.V1Alpha1;

namespace HealthTrack.Operator.Pools;

/// <summary>
/// What the NetworkPolicy of a pool lets its workers dial. The worker itself refuses what must not be probed, on the address that it connects to; this is the second lock. Rules add up:
/// what one allows no other takes back, so what is denied is left out of each.
/// </summary>
internal static class PoolEgress
{
    private const int DefaultLinkPort = 8001;

    // Name servers: OpenShift's listen on 5353 behind their Service, and a policy sees the port of the pod.
    private static readonly int[] Dns = [53, 5353];

    // Link-local with the metadata services of clouds, and their other addresses.
    private static readonly IPNetwork[] Metadata =
    [
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("100.100.100.200/32"),
        IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fd00:ec2::254/128"), IPNetwork.Parse("fd20:ce::254/128"),
    ];

    private static readonly IPNetwork[] Everywhere = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")];

    /// <summary>The rules of what may be dialled.</summary>
    /// <param name="egress">The pool's own wishes.</param>
    /// <param name="link">The address of the operators, <c>HOST:PORT</c>.</param>
    public static JsonArray Rules(EgressSpec? egress, string link)
    {
        var denied = Parse(egress?.DenyCIDRs);
        var allowed = Parse(egress?.AllowCIDRs);
        var targets = new JsonArray([.. Everywhere.Select(range => Block(range, [.. Metadata, .. denied])).OfType<JsonNode>()]);
        // With some networks, Cilium's among them, a range of addresses never means pods: they are named apart, where no range is denied.
        if (denied.Length == 0)
            targets.Add(new JsonObject { ["namespaceSelector"] = new JsonObject() });
        foreach (var block in allowed.Select(range => Block(range, denied)).OfType<JsonNode>())
            targets.Add(block);
        var rules = new JsonArray(
            new JsonObject { ["ports"] = new JsonArray([.. Dns.SelectMany(port => (JsonNode[])[Port("UDP", port), Port("TCP", port)])]) },
            new JsonObject
            {
                ["to"] = new JsonArray(new JsonObject { ["podSelector"] = new JsonObject() }), ["ports"] = new JsonArray(Port("TCP", LinkPort(link))),
            });
        // A rule without a target would allow everything.
        if (targets.Count > 0)
            rules.Add(new JsonObject { ["to"] = targets });
        return rules;
    }

    private static int LinkPort(string link) =>
        link.LastIndexOf(':') is var colon and >= 0 && int.TryParse(link.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : DefaultLinkPort;

    private static JsonObject Port(string protocol, int port) => new() { ["protocol"] = protocol, ["port"] = port };

    // Null where nothing of the range is left. Only a true part of a range can be taken out of it.
    private static JsonObject? Block(IPNetwork range, IReadOnlyList<IPNetwork> without)
    {
        if (without.Any(other => Covers(other, range)))
            return null;
        var except = without.Where(other => Covers(range, other)).Select(Text).Distinct().ToList();
        var block = new JsonObject { ["cidr"] = Text(range) };
        if (except.Count > 0)
            block["except"] = new JsonArray([.. except.Select(other => JsonValue.Create(other))]);
        return new JsonObject { ["ipBlock"] = block };
    }

    private static bool Covers(IPNetwork outer, IPNetwork inner) =>
        outer.BaseAddress.AddressFamily == inner.BaseAddress.AddressFamily && outer.PrefixLength <= inner.PrefixLength && outer.Contains(inner.BaseAddress);

    private static string Text(IPNetwork range) => $"{range.BaseAddress}/{range.PrefixLength}";

    private static IPNetwork[] Parse(IReadOnlyList<string>? ranges) =>
        [.. (ranges ?? []).Select(text => IPNetwork.Parse(text)).Where(n => n.BaseAddress.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)];
}
