using System.Text.RegularExpressions;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>The rules of <c>spec.http</c>.</summary>
internal sealed partial class HttpRules(Findings findings, FieldRules fields)
{
    private const string BadUrl = "must be an absolute http or https URL with a host, such as https://example.com/healthz";
    private const string UserInUrl =
        "must not hold a user name and password, which whoever may read the monitor could see: put the credentials into spec.http.auth.basic";
    private const string BadProxy = "must be an absolute http, https or socks5 URL with a host, such as http://proxy.example:3128";

    private static readonly string[] Web = ["http", "https"];
    private static readonly string[] Proxies = ["http", "https", "socks5"];

    // Fields that frame the request or belong to one hop: a second opinion on them breaks the request or smuggles another one in.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "content-length", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    };

    public void Check(HttpSpec http)
    {
        fields.Url("spec.http.url", http.Url, Web, BadUrl);
        if (HoldsUser(http.Url))
            findings.Add("spec.http.url", UserInUrl);
        fields.Url("spec.http.proxy", http.Proxy, Proxies, BadProxy);
        CheckHeaders(http);
        if (http is { Method: "HEAD", Expect.Body: not null })
            findings.Add("spec.http.expect.body", "cannot hold with the method HEAD, whose answers have no body");
        if (http.Expect is { } expect)
            CheckExpect(expect);
        if (http.Auth is { } auth)
        {
            fields.ExactlyOne(
                "spec.http.auth", ("basic", auth.Basic), ("bearer", auth.Bearer), ("oauth2ClientCredentials", auth.Oauth2ClientCredentials));
            fields.Url("spec.http.auth.oauth2ClientCredentials.tokenUrl", auth.Oauth2ClientCredentials?.TokenUrl, Web, BadUrl);
        }
    }

    // The schema's expression, and what .NET's parser finds beyond it: it takes a backslash for a slash.
    private static bool HoldsUser(string? url) =>
        url is not null && (UserInfo().IsMatch(url) || (Uri.TryCreate(url, UriKind.Absolute, out var parsed) && Web.Contains(parsed.Scheme) && parsed.UserInfo.Length > 0));

    [GeneratedRegex("^[^/?#]*//[^/?#]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();

    private void CheckHeaders(HttpSpec http)
    {
        if (http.Headers is not { } headers)
            return;
        fields.NamedValues("spec.http.headers", headers);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < headers.Count; i++)
        {
            var path = FieldPath.Item("spec.http.headers", i);
            if (headers[i]?.Name is not { } name || findings.Broken($"{path}.name"))
                continue;
            if (Reserved.Contains(name))
                findings.Add($"{path}.name", "must not be a field that the checker itself sets, such as Content-Length");
            if (!seen.Add(name))
                findings.Add($"{path}.name", "is given twice: keep one (names differ in case only)");
        }
        if (http.Auth is not null && seen.Contains("authorization"))
            findings.Add("spec.http", "give either auth or a header field Authorization, not both");
    }

    private void CheckExpect(HttpExpectSpec expect)
    {
        for (var i = 0; i < expect.Status?.Count; i++)
        {
            // The pattern has been kept, so what is left to be wrong is the order.
            if (expect.Status[i] is { } text && !StatusRange.TryParse(text, out _))
                findings.Add(FieldPath.Item("spec.http.expect.status", i), "runs backwards: write the lower code first");
        }
        for (var i = 0; i < expect.Body?.Count; i++)
        {
            if (expect.Body[i] is { } body)
                CheckBody(body, FieldPath.Item("spec.http.expect.body", i));
        }
        for (var i = 0; i < expect.Headers?.Count; i++)
            fields.Expression($"{FieldPath.Item("spec.http.expect.headers", i)}.matches", expect.Headers[i]?.Matches);
        fields.Positive("spec.http.expect.maxLatency", expect.MaxLatency);
    }

    private void CheckBody(BodyExpectSpec body, string path)
    {
        fields.ExactlyOne(path, ("contains", body.Contains), ("matches", body.Matches), ("jsonPath", body.JsonPath));
        if (body.EqualTo is not null && body.JsonPath is null && !findings.Broken($"{path}.jsonPath"))
            findings.Add($"{path}.equals", "goes with jsonPath only");
        fields.Expression($"{path}.matches", body.Matches);
        fields.JsonPath($"{path}.jsonPath", body.JsonPath);
    }
}
