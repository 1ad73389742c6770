using System.Buffers.Text;
using System.Text.Json;

namespace HealthTrack.Operator.Trust;

/// <summary>
/// What a JSON web token says of itself. Nothing here is verified: it may choose a question to the API server, and is believed only of a token that
/// the API server has accepted.
/// </summary>
/// <param name="Audiences">Whom it is for; empty where it does not say.</param>
/// <param name="Expiry">When it ends, ms since the Unix epoch; null where it does not say.</param>
internal sealed record JwtPayload(IReadOnlyList<string> Audiences, long? Expiry)
{
    /// <summary>Of a text that is no such token.</summary>
    public static readonly JwtPayload None = new([], null);

    /// <summary>Reads it.</summary>
    public static JwtPayload Read(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
            return None;
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var claims = document.RootElement;
            return claims.ValueKind == JsonValueKind.Object ? new JwtPayload(AudiencesOf(claims), ExpiryOf(claims)) : None;
        }
        // The last one is a text of half a character.
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return None;
        }
    }

    private static List<string> AudiencesOf(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var audience))
            return [];
        return audience.ValueKind switch
        {
            JsonValueKind.String => [audience.GetString()!],
            JsonValueKind.Array => [.. audience.EnumerateArray().Where(a => a.ValueKind == JsonValueKind.String).Select(a => a.GetString()!)],
            _ => [],
        };
    }

    private static long? ExpiryOf(JsonElement claims) =>
        claims.TryGetProperty("exp", out var expiry) && expiry.ValueKind == JsonValueKind.Number
        && expiry.TryGetDouble(out var seconds) && seconds is > 0 and < 1e11
            ? (long)(seconds * 1000)
            : null;
}
