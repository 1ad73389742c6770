namespace HealthTrack.Engine.Api.Security;

/// <summary>Knows who calls the API and what they may do. A host registers one where callers have credentials of their own.</summary>
internal interface IApiAuthority
{
    /// <summary>
    /// The namespaces that an action in all namespaces is about, empty for truly all: who may do it has been asked about no other, so that nothing of another is shown, such as
    /// what is stored of one that was watched before.
    /// </summary>
    IReadOnlyList<string> Namespaces { get; }

    /// <summary>Tells whose a credential is.</summary>
    /// <param name="token">A bearer token.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where it is nobody's, or no longer.</returns>
    /// <exception cref="ApiAuthorityUnavailableException">Nobody can tell now.</exception>
    ValueTask<ApiUser?> AuthenticateAsync(string token, CancellationToken cancellationToken);

    /// <summary>Tells whether a user may do something.</summary>
    /// <param name="user">Somebody that an authority knows, or whom one who may forward named.</param>
    /// <param name="action">What.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null where they may; else a sentence that names the verb, the resource and, where the action does, the namespace.</returns>
    /// <exception cref="ApiAuthorityUnavailableException">Nobody can tell now.</exception>
    ValueTask<string?> RefusalAsync(ApiUser user, ApiAction action, CancellationToken cancellationToken);
}

/// <summary>Who calls.</summary>
/// <param name="Name">The name that Kubernetes knows them by.</param>
internal sealed record ApiUser(string Name)
{
    /// <summary>Null where it is not known.</summary>
    public string? Uid { get; init; }

    /// <summary>The groups they are in.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>What else the cluster knows of them, and wants back.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>When their credential ends, ms since the Unix epoch; null where it does not say.</summary>
    public long? Until { get; init; }

    /// <summary>Whether they are believed when they say for whom they call: the dashboard.</summary>
    public bool MayForward { get; init; }
}

/// <summary>What a caller wants to do, in Kubernetes' words.</summary>
/// <param name="Verb"><c>list</c>, <c>create</c>, <c>update</c> or <c>delete</c>.</param>
/// <param name="Namespace">Where; null: in all namespaces.</param>
/// <param name="Name">Which; null: any, or one that does not exist yet.</param>
internal sealed record ApiAction(string Verb, string? Namespace, string? Name = null)
{
    /// <summary>The plural of a resource of HealthTrack's group.</summary>
    public string Resource { get; init; } = "servicemonitors";

    /// <summary>The Secrets of <see cref="Namespace"/> that are used with it: whoever wants that must be able to read them.</summary>
    public IReadOnlyCollection<string> Secrets { get; init; } = [];

    /// <summary>Whether it changes nothing.</summary>
    public bool IsRead => Verb == "list";
}

/// <summary>The authority cannot be asked now.</summary>
/// <param name="message">Why, one sentence for whoever called.</param>
/// <param name="inner">What went wrong.</param>
internal sealed class ApiAuthorityUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
