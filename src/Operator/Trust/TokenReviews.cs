using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Trust;

/// <summary>Whose a token is, as the API server says.</summary>
/// <param name="Name">Such as <c>system:serviceaccount:shop:deployer</c>.</param>
internal sealed record ReviewedUser(string Name)
{
    /// <summary>Null where there is none.</summary>
    public string? Uid { get; init; }

    /// <summary>The groups.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What else the API server knows.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>When the token ends, ms since the Unix epoch; null where it does not say.</summary>
    public long? Until { get; init; }
}

/// <summary>
/// Asks the API server whose tokens are (TokenReview). An answer is kept for 10 s, a refusal for 2 s, under a hash of the token; while the API server
/// is away a token that it accepted goes on being good until the token's own end. Thread-safe.
/// </summary>
internal sealed class TokenReviews(KubernetesApi api, TimeProvider time) : IDisposable
{
    private const int MostKept = 4096;
    private const int LongestToken = 16 * 1024;
    private static readonly Answer Nobody = new(null);

    private readonly Questions _questions = new(api, "tokenreviews", "/apis/authentication.k8s.io/v1/tokenreviews");
    private readonly AnswerCache<Answer> _answers = new(MostKept, a => a.User is not null, time);

    /// <summary>Whose a token is.</summary>
    /// <param name="token">A token from anybody.</param>
    /// <param name="audience">Whom it must be for; null: the API server itself.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Null where it is not good.</returns>
    /// <exception cref="ReviewUnavailableException">Nobody can tell now.</exception>
    public async ValueTask<ReviewedUser?> ReviewAsync(string token, string? audience, CancellationToken cancellationToken)
    {
        if (token.Length is 0 or > LongestToken || !token.All(c => c is > ' ' and < (char)127))
            return null;
        var key = $"{audience} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}";
        ReviewedUser? user;
        try
        {
            user = (await _answers.GetAsync(
                key, () => AskAsync(token, audience), cancellationToken)).User;
        }
        catch (ReviewUnavailableException) when (_answers.TryGetLastYes(key, out _, out var last) && last.User is { Until: not null })
        {
            user = last.User;
        }
        return user is null || IsOver(user) ? null : user;
    }

    /// <inheritdoc/>
    public void Dispose() => _questions.Dispose();

    private bool IsOver(ReviewedUser user) => user.Until is { } until && until <= time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<Answer> AskAsync(string token, string? audience)
    {
        var spec = new JsonObject { ["token"] = token };
        if (audience is not null)
            spec["audiences"] = new JsonArray(audience);
        var status = await _questions.AskAsync(new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenReview",
            ["spec"] = spec,
        });
        if (status is null || !(status["authenticated"]?.GetValue<bool>() ?? false) || (string?)status["user"]?["username"] is not { Length: > 0 } name)
            return Nobody;
        // An authenticator that knows no audiences accepts what was made for somebody else.
        if (audience is not null && !Texts(status["audiences"]).Contains(audience))
            return Nobody;
        var user = status["user"]!;
        return new Answer(new ReviewedUser(name)
        {
            Uid = (string?)user["uid"],
            Groups = Texts(user["groups"]),
            Extra = user["extra"] is JsonObject extra
                ? extra.ToDictionary(e => e.Key, e => (IReadOnlyList<string>)Texts(e.Value), StringComparer.Ordinal)
                : new Dictionary<string, IReadOnlyList<string>>(),
            Until = JwtPayload.Read(token).Expiry,
        });
    }

    private static List<string> Texts(JsonNode? list) => list is JsonArray array ? [.. array.Select(t => (string)t!)] : [];

    private sealed record Answer(ReviewedUser? User);
}
