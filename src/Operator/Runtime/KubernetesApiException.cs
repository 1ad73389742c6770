using System.Globalization;
using System.Net;
using System.Text.Json;

namespace HealthTrack.Operator.Runtime;

/// <summary>The API server refused, or could not be reached.</summary>
internal sealed class KubernetesApiException : Exception
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    /// <summary>No answer came.</summary>
    public KubernetesApiException(string message, Exception? cause) : base(message, cause)
    {
    }

    /// <summary>An answer came, and it is no success.</summary>
    public KubernetesApiException(HttpStatusCode status, string reason, string message, TimeSpan? retryAfter)
        : base(string.Create(CultureInfo.InvariantCulture, $"{(int)status} {(reason.Length > 0 ? reason : status.ToString())}: {message}"))
    {
        Status = status;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    /// <summary>The answer's status; null where none came.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The reason of the API server's Status object, such as <c>Expired</c>; empty where it gave none.</summary>
    public string Reason { get; } = "";

    /// <summary>How long the server asks to be left alone, at most a minute; null where it does not ask.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>What was asked for is older than what the server still holds: list anew.</summary>
    public bool IsExpired => Status == HttpStatusCode.Gone || Reason is "Expired" or "Gone";

    /// <summary>The failure that a response of no success tells of.</summary>
    public static async Task<KubernetesApiException> FromAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var after = response.Headers.RetryAfter?.Delta;
        try
        {
            using var document = JsonDocument.Parse(body);
            return FromStatus(document.RootElement, response.StatusCode, after);
        }
        // A proxy on the way answers in its own words.
        catch (JsonException)
        {
            return new KubernetesApiException(response.StatusCode, "", Shorten(body), Limit(after));
        }
    }

    /// <summary>The failure that a Status object tells of.</summary>
    /// <param name="status">The object; what it lacks is left out.</param>
    /// <param name="otherwise">The status where it holds no code.</param>
    /// <param name="retryAfter">What the response's header asks for; the object's own wish comes first.</param>
    public static KubernetesApiException FromStatus(JsonElement status, HttpStatusCode otherwise, TimeSpan? retryAfter = null)
    {
        if (status.ValueKind != JsonValueKind.Object)
            return new KubernetesApiException(otherwise, "", Shorten(status.ToString()), Limit(retryAfter));
        var code = status.TryGetProperty("code", out var number) && number.TryGetInt32(out var value) && value > 0 ? (HttpStatusCode)value : otherwise;
        if (status.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object
            && details.TryGetProperty("retryAfterSeconds", out var seconds) && seconds.TryGetInt32(out var wish) && wish > 0)
            retryAfter = TimeSpan.FromSeconds(wish);
        return new KubernetesApiException(code, Text(status, "reason"), Shorten(Text(status, "message")), Limit(retryAfter));
    }

    private static string Text(JsonElement status, string field) =>
        status.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static TimeSpan? Limit(TimeSpan? wish) => wish > LongestRetryAfter ? LongestRetryAfter : wish;

    private static string Shorten(string text)
    {
        text = text.ReplaceLineEndings(" ").Trim();
        return text.Length <= 500 ? text : string.Concat(text.AsSpan(0, 500), "…");
    }
}
