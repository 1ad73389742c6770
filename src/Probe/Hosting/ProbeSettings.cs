using System.Globalization;
using System.Net;
using HealthTrack.Contracts.Link;
using HealthTrack.Probe.Link;

namespace HealthTrack.Probe.Hosting;

/// <summary>What the command line said, as it was said.</summary>
internal sealed record ProbeSettings
{
    /// <summary>Where the operators are.</summary>
    public required IReadOnlyList<string> Operators { get; init; }

    /// <summary>The pool.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>The worker's name.</summary>
    public string WorkerId { get; init; } = Environment.MachineName;

    /// <summary>Its weight; null: the number of processors.</summary>
    public string? Capacity { get; init; }

    /// <summary>A file with its token.</summary>
    public string? TokenFile { get; init; }

    /// <summary>A file with the roots of the operator's certificate.</summary>
    public string? CaFile { get; init; }

    /// <summary>The spool's folder.</summary>
    public string? Spool { get; init; }

    /// <summary>What the spool may take.</summary>
    public string SpoolLimit { get; init; } = "256Mi";

    /// <summary>Ranges that may be probed.</summary>
    public IReadOnlyList<string> AllowCidrs { get; init; } = [];

    /// <summary>Ranges that may not.</summary>
    public IReadOnlyList<string> DenyCidrs { get; init; } = [];

    /// <summary>The address of the admin port.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>The admin port.</summary>
    public string AdminPort { get; init; } = "8002";

    /// <summary>What is wrong with them, a sentence each; empty where nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Operators.Count == 0)
            problems.Add("Say where the operator is with --operator HOST:8001.");
        foreach (var text in Operators.Where(o => OperatorAddress.TryParse(o) is null))
            problems.Add($"--operator must be HOST:PORT, https://HOST:PORT or http://HOST:PORT; it is '{text}'.");
        Name("--pool", Pool, problems);
        Name("--worker-id", WorkerId, problems);
        if (CapacityValue is null)
            problems.Add($"--capacity must be a number from 1 to 1000; it is '{Capacity}'.");
        Readable("--token-file", TokenFile, problems);
        Readable("--link-ca-file", CaFile, problems);
        if (SpoolLimitValue is null)
            problems.Add($"--spool-limit must be a size of at least 1Mi, such as 256Mi or 2Gi; it is '{SpoolLimit}'.");
        Ranges("--allow-cidrs", AllowCidrs, problems);
        Ranges("--deny-cidrs", DenyCidrs, problems);
        if (BindAddress is null)
            problems.Add($"--bind must be an IP address, such as 127.0.0.1 or 0.0.0.0, or localhost; it is '{Bind}'.");
        if (Port is null)
            problems.Add($"--admin-port must be 1 to 65535, or 0 to let the system pick one; it is '{AdminPort}'.");
        return problems;
    }

    /// <summary>The weight as a number.</summary>
    public int? CapacityValue => Capacity is null
        ? Math.Clamp(Environment.ProcessorCount, 1, LinkLimits.Capacity)
        : Number(Capacity, 1, LinkLimits.Capacity);

    /// <summary>The spool's limit in bytes.</summary>
    public long? SpoolLimitValue
    {
        get
        {
            var text = SpoolLimit.EndsWith('B') ? SpoolLimit[..^1] : SpoolLimit;
            var shift = text.Length < 3 ? 0 : text[^2..] switch { "Ki" => 10, "Mi" => 20, "Gi" => 30, _ => 0 };
            var digits = shift > 0 ? text[..^2] : text;
            return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= long.MaxValue >> shift && value << shift >= 1 << 20
                ? value << shift
                : null;
        }
    }

    /// <summary>The address to listen on.</summary>
    public IPAddress? BindAddress => Bind.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        ? IPAddress.Loopback
        // "1" and "127.1" parse too, as addresses that nobody meant.
        : IPAddress.TryParse(Bind, out var address) && (Bind.Contains(':', StringComparison.Ordinal) || Bind.Count(c => c == '.') == 3) ? address : null;

    /// <summary>The admin port as a number.</summary>
    public int? Port => Number(AdminPort, 0, 65535);

    private static int? Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value : null;

    private static void Name(string flag, string value, List<string> problems)
    {
        if (value.Length is 0 or > LinkLimits.NameLength || !value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '@' or '/' or '-'))
            problems.Add($"{flag} must have 1 to {LinkLimits.NameLength} characters, letters, digits and . _ : @ / - only; it is '{value}'.");
    }

    private static void Ranges(string flag, IReadOnlyList<string> ranges, List<string> problems)
    {
        foreach (var range in ranges.Where(r => !IPNetwork.TryParse(r, out _)))
            problems.Add($"{flag} must be ranges such as 10.0.0.0/8; one is '{range}'.");
    }

    private static void Readable(string flag, string? file, List<string> problems)
    {
        if (file is null)
            return;
        try
        {
            using var opened = File.OpenRead(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add($"{flag} names {file}, which cannot be read: {e.Message}");
        }
    }
}
