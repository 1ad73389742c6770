using System.Text.Json.Serialization;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>Sends one HTTP request and looks at the answer.</summary>
public sealed record HttpSpec
{
    /// <summary>Absolute http or https URL to request, without a user name and password: these go into auth.basic.</summary>
    public required string Url { get; init; }

    /// <summary>Request method.</summary>
    public string? Method { get; init; }

    /// <summary>Request header fields, each name once (case ignored).</summary>
    public IReadOnlyList<NamedValueSpec>? Headers { get; init; }

    /// <summary>Request body, at most 64 KiB of text.</summary>
    public string? Body { get; init; }

    /// <summary>Follow redirects, at most 10. Auth and header fields from secrets are dropped when the origin changes.</summary>
    public bool? FollowRedirects { get; init; }

    /// <summary>Which of the name's addresses are checked: the first that connects, any one that is well, or all of them.</summary>
    public string? Addresses { get; init; }

    /// <summary>IP family to use. Quote the digit: "4".</summary>
    public string? IpFamily { get; init; }

    /// <summary>Proxy to go through: an absolute http, https or socks5 URL. Default: none, and none from the environment.</summary>
    public string? Proxy { get; init; }

    /// <summary>HTTP version to speak; auto is HTTP/2 where TLS negotiates it, else HTTP/1.1. Quote the digit: "2".</summary>
    public string? Version { get; init; }

    /// <summary>
    /// What the answer must look like. Without it a status below 400 is ok, 4xx a warning and 5xx an error; with it, a failed
    /// expectation is an error.
    /// </summary>
    public HttpExpectSpec? Expect { get; init; }

    /// <summary>How TLS is spoken with an https target.</summary>
    public TlsOptionsSpec? Tls { get; init; }

    /// <summary>The credential that is sent.</summary>
    public HttpAuthSpec? Auth { get; init; }

    /// <summary>
    /// Keep the connection for the next check. By default each check opens a fresh one, so that DNS, TCP and TLS are measured.
    /// </summary>
    public bool? ReuseConnection { get; init; }
}

/// <summary>What the answer must look like; all of it must hold.</summary>
public sealed record HttpExpectSpec
{
    /// <summary>Status codes that are accepted: a code, a class or a range, quoted. Default: any below 400.</summary>
    public IReadOnlyList<string>? Status { get; init; }

    /// <summary>What the first MiB of the body must hold; all of them.</summary>
    public IReadOnlyList<BodyExpectSpec>? Body { get; init; }

    /// <summary>What header fields of the answer must hold; all of them. A field without contains and matches need only be there.</summary>
    public IReadOnlyList<HeaderExpectSpec>? Headers { get; init; }

    /// <summary>The answer must be whole within this time. A check whose only failure is this one still counts in the latency.</summary>
    public string? MaxLatency { get; init; }
}

/// <summary>One expectation about the body.</summary>
public sealed record BodyExpectSpec
{
    /// <summary>Text that the body holds, case-sensitive.</summary>
    public string? Contains { get; init; }

    /// <summary>Regular expression (.NET syntax, without look-around and back-references) that the body matches somewhere.</summary>
    public string? Matches { get; init; }

    /// <summary>JSONPath that selects one value of a JSON body, such as $.status: names, indexes, *, one .. and filters such as [?(@.a == 'b')].</summary>
    public string? JsonPath { get; init; }

    /// <summary>With jsonPath: what the value must be, as text. Default: the value need only exist.</summary>
    [JsonPropertyName("equals")]
    public string? EqualTo { get; init; }
}

/// <summary>One expectation about a header field.</summary>
public sealed record HeaderExpectSpec
{
    /// <summary>Name of the field, case ignored.</summary>
    public required string Name { get; init; }

    /// <summary>Text that one of its values holds, case ignored.</summary>
    public string? Contains { get; init; }

    /// <summary>Regular expression (.NET syntax, without look-around and back-references) that one of its values matches.</summary>
    public string? Matches { get; init; }
}
