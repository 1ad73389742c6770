using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Trust;

/// <summary>
/// Asks the API server what users may do (SubjectAccessReview). A yes is kept for 10 s, a no for 2 s. While the API server is away what was allowed to
/// be read goes on being so for an hour, because that is when people look; nothing is written. Thread-safe.
/// </summary>
internal sealed class AccessReviews(KubernetesApi api, TimeProvider time) : IDisposable
{
    private const int MostKept = 16384;
    private static readonly TimeSpan KeepReadsWhileAway = TimeSpan.FromHours(1);

    private readonly Questions _questions = new(api, "subjectaccessreviews", "/apis/authorization.k8s.io/v1/subjectaccessreviews");
    private readonly AnswerCache<Answer> _answers = new(MostKept, a => a.Allowed, time);

    /// <summary>Whether a user may.</summary>
    /// <param name="user">Who.</param>
    /// <param name="wanted">What, on which resource.</param>
    /// <param name="isRead">Whether an older answer will do while the API server is away.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ReviewUnavailableException">Nobody can tell now.</exception>
    public async ValueTask<bool> AllowsAsync(ApiUser user, ResourceWish wanted, bool isRead, CancellationToken cancellationToken)
    {
        var spec = Spec(user, wanted);
        // All that the answer hangs on, at one length.
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(spec.ToJsonString())));
        try
        {
            return (await _answers.GetAsync(key, () => AskAsync(spec), cancellationToken)).Allowed;
        }
        catch (ReviewUnavailableException) when (
            isRead && _answers.TryGetLastYes(key, out var age, out _) && age < KeepReadsWhileAway)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _questions.Dispose();

    private async Task<Answer> AskAsync(JsonObject spec)
    {
        var status = await _questions.AskAsync(new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = spec.DeepClone(),
        });
        return new Answer(status?["allowed"]?.GetValue<bool>() ?? false);
    }

    private static JsonObject Spec(ApiUser user, ResourceWish wanted)
    {
        var attributes = new JsonObject { ["group"] = wanted.Group, ["resource"] = wanted.Resource, ["verb"] = wanted.Verb };
        if (wanted.Namespace is not null)
            attributes["namespace"] = wanted.Namespace;
        if (wanted.Name is not null)
            attributes["name"] = wanted.Name;
        var spec = new JsonObject { ["user"] = user.Name, ["groups"] = List(user.Groups), ["resourceAttributes"] = attributes };
        if (user.Uid is not null)
            spec["uid"] = user.Uid;
        if (user.Extra.Count > 0)
            spec["extra"] = new JsonObject(user.Extra.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => KeyValuePair.Create(e.Key, (JsonNode?)List(e.Value))));
        return spec;
    }

    private static JsonArray List(IEnumerable<string> texts) => [.. texts.Select(t => (JsonNode?)t)];

    private sealed record Answer(bool Allowed);
}

/// <summary>Something that can be done with a resource.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Resource">The plural.</param>
/// <param name="Verb">The verb.</param>
/// <param name="Namespace">Null: all of them.</param>
/// <param name="Name">Null: any.</param>
internal sealed record ResourceWish(string Group, string Resource, string Verb, string? Namespace, string? Name)
{
    /// <summary>As kubectl says it: <c>create servicemonitors.sre.healthtrack.io in namespace "shop"</c>.</summary>
    public override string ToString()
    {
        var resource = Group.Length > 0 ? $"{Resource}.{Group}" : Resource;
        var name = Name is null ? "" : $" \"{Name}\"";
        return $"{Verb} {resource}{name} {(Namespace is null ? "in all namespaces" : $"in namespace \"{Namespace}\"")}";
    }
}
