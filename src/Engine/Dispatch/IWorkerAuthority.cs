namespace HealthTrack.Engine.Dispatch;

/// <summary>Says which pools a worker that dials in may work for.</summary>
public interface IWorkerAuthority
{
    /// <summary>How often the credential of a worker that was let in is looked at again: one that was taken back ends its stream.</summary>
    TimeSpan LooksAgainEvery => TimeSpan.FromSeconds(60);

    /// <summary>Looks at the credential of a worker.</summary>
    /// <param name="token">The bearer token that it showed; null where it showed none.</param>
    /// <param name="pool">The pool that it wants to work for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="WorkerAuthorityUnavailableException">Nobody can tell now: the worker tries again.</exception>
    ValueTask<WorkerAdmission> AdmitAsync(string? token, string pool, CancellationToken cancellationToken);
}

/// <summary>The answer to a worker's credential.</summary>
/// <param name="Refusal">Why it is not let in, one sentence without the token; null where it is.</param>
/// <param name="Authenticated">Whether the token was good at all, if not for this pool.</param>
/// <param name="Until">When the credential ends, and the connection with it, ms since the Unix epoch; null: it does not end.</param>
public readonly record struct WorkerAdmission(string? Refusal, bool Authenticated, long? Until = null)
{
    /// <summary>Let in.</summary>
    public static WorkerAdmission Welcome(long? until = null) => new(null, true, until);
}

/// <summary>The authority cannot be asked now.</summary>
/// <param name="message">Why, one sentence.</param>
/// <param name="inner">What went wrong.</param>
public sealed class WorkerAuthorityUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
