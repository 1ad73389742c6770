using System.Net;

namespace HealthTrack.Probe.Checkers.Net;

/// <summary>What <c>/etc/hosts</c> says: hosts(5).</summary>
internal sealed class HostsFile
{
    private readonly Dictionary<string, List<IPAddress>> _addresses = new(StringComparer.OrdinalIgnoreCase);

    public static HostsFile Empty { get; } = new();

    public IReadOnlyList<IPAddress> Find(string name) => _addresses.TryGetValue(name, out var found) ? found : [];

    public static HostsFile Parse(string text)
    {
        var hosts = new HostsFile();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split('#', 2)[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address))
                continue;
            foreach (var name in words.Skip(1))
            {
                if (!hosts._addresses.TryGetValue(name, out var known))
                    hosts._addresses[name] = known = [];
                if (!known.Contains(address))
                    known.Add(address);
            }
        }
        return hosts;
    }
}
