using System.Globalization;
using System.Net;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>What <c>/etc/resolv.conf</c> says: resolv.conf(5), with its limits.</summary>
/// <param name="Servers">Name servers in order, at most 3.</param>
/// <param name="Search">Domains to try after a short name.</param>
/// <param name="Ndots">A name with fewer dots is first tried below the search domains.</param>
/// <param name="Timeout">How long a server is given.</param>
/// <param name="Attempts">How often the servers are asked.</param>
internal sealed record ResolverSettings(
    IReadOnlyList<IPEndPoint> Servers, IReadOnlyList<string> Search, int Ndots, TimeSpan Timeout, int Attempts)
{
    public static ResolverSettings Default { get; } = new([new IPEndPoint(IPAddress.Loopback, 53)], [], 1, TimeSpan.FromSeconds(5), 2);

    public static ResolverSettings Parse(string text)
    {
        var servers = new List<IPEndPoint>();
        var settings = Default;
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split('#', ';')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2)
                continue;
            switch (words[0])
            {
                case "nameserver" when servers.Count < 3 && IPAddress.TryParse(words[1], out var address):
                    servers.Add(new IPEndPoint(address, 53));
                    break;
                case "domain" or "search":
                    settings = settings with { Search = [.. words.Skip(1).Select(w => w.Trim('.')).Where(w => w.Length > 0)] };
                    break;
                case "options":
                    settings = words.Skip(1).Aggregate(settings, Option);
                    break;
            }
        }
        return servers.Count == 0 ? settings : settings with { Servers = servers };
    }

    private static ResolverSettings Option(ResolverSettings settings, string option)
    {
        var colon = option.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !int.TryParse(option.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return settings;
        return option.AsSpan(0, colon) switch
        {
            "ndots" => settings with { Ndots = Math.Min(value, 15) },
            "timeout" => settings with { Timeout = TimeSpan.FromSeconds(Math.Clamp(value, 1, 30)) },
            "attempts" => settings with { Attempts = Math.Clamp(value, 1, 5) },
            _ => settings,
        };
    }
}
