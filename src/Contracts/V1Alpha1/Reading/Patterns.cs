namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>What the patterns of the schema mean, in words; a test sees that none lacks them.</summary>
internal static class Patterns
{
    public const string Duration = @"^(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(d|h|m|s|ms|us|µs|ns))+)$";
    public const string Subdomain = @"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
    public const string Label = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    public const string LabelValue = "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$";

    private static readonly Dictionary<string, string> Meanings = new(StringComparer.Ordinal)
    {
        [Duration] = "must be a duration that is not negative, such as 500ms, 30s, 1m30s or 7d",
        [Subdomain] = "must be lower-case letters, digits, - and ., beginning and ending with a letter or digit (an RFC 1123 subdomain)",
        [Label] = "must be lower-case letters, digits and -, beginning and ending with a letter or digit (an RFC 1123 label)",
        [LabelValue] = "must be empty, or letters, digits, -, _ and ., beginning and ending with a letter or digit",
        [@"^[^\x00-\x1f\x7f]*$"] = "must be one line without control characters",
        [@"^[^\x00-\x20\x7f]+$"] = "must be a URL without blanks and control characters: write a blank as %20",
        ["^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"] = "must be the name of a header field: letters, digits and !#$%&'*+-.^_`|~",
        [@"^[^\x00\r\n]*$"] = "must be one line: a header field cannot hold a line break",
        ["^[-._a-zA-Z0-9]+$"] = "must be a key of a Secret: letters, digits, -, _ and .",
        ["^([1-5]xx|[1-5][0-9]{2}(-[1-5][0-9]{2})?)$"] = "must be a status code, class or range from 100 to 599, such as \"200\", \"2xx\" or \"400-404\"",
        ["^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$"] = "must be a host name",
        [@"^[\x21\x23-\x5b\x5d-\x7e]+$"] = "must be one scope, without blanks, quotes and backslashes",
        ["^[A-Za-z0-9_]([A-Za-z0-9_.:-]*[A-Za-z0-9_.])?$|^::[0-9A-Fa-f:.]*$"] = "must be a host name or an IP address, without scheme, port and path",
        [@"^[A-Za-z0-9_*]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$|^\.$"] = "must be a domain name",
        [@"^[A-Za-z0-9_.:\[\]-]+$"] = "must be a host or host:port",
        ["^[A-Za-z0-9_./-]*$"] = "must be the name of a gRPC service, such as shop.v1.Orders",
        ["^[0-9a-z_.-]+$"] = "must be the name of a metadata field: lower-case letters, digits, -, _ and .",
        [@"^[0-9]{1,2}(\.[0-9]{1,6})?$"] = "must be a percentage in quotes, such as \"99.9\"",
        ["^[A-Za-z0-9][A-Za-z0-9._:/@-]*$"] = "must be the name of an image, such as registry.example/healthtrack-probe:1.0",
        [@"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$"] = "must be a quantity, such as \"500m\", \"2\" or \"256Mi\"",
        ["^[0-9A-Fa-f:.]+/[0-9]{1,3}$"] = "must be a range such as 10.0.0.0/8 or fd00::/8",
        ["^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"] = "must be the key of a taint: letters, digits, -, _ and ., with an optional DNS name and / before it",
        ["^[A-Za-z0-9_+/-]+$"] = "must be an IANA time zone, such as Europe/Berlin",
    };

    /// <summary>What a text that a pattern refuses must be.</summary>
    public static string Meaning(string pattern) => Meanings.TryGetValue(pattern, out var meaning) ? meaning : $"must match {pattern}";

    /// <summary>Whether a pattern has words of its own.</summary>
    public static bool HasMeaning(string pattern) => Meanings.ContainsKey(pattern);
}
