using HealthTrack.Engine.Api.Security;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>One token for the workers of all pools, in a file that is read anew when it changes.</summary>
internal sealed class TokenFileAuthority(string file, TimeProvider time, ILogger<ApiToken> log) : IWorkerAuthority
{
    private readonly ApiToken _token = new(file, time, log);

    /// <inheritdoc/>
    public ValueTask<WorkerAdmission> AdmitAsync(string? token, string pool, CancellationToken cancellationToken) => new(
        token is not null && _token.Accepts(token)
            ? WorkerAdmission.Welcome()
            : new WorkerAdmission(token is null ? "The worker shows no token." : "The worker's token is not the one of --link-token-file.", false));
}

/// <summary>For a link that this machine alone reaches: whoever is on it may be a worker.</summary>
internal sealed class LoopbackAuthority : IWorkerAuthority
{
    /// <inheritdoc/>
    public ValueTask<WorkerAdmission> AdmitAsync(string? token, string pool, CancellationToken cancellationToken) => new(WorkerAdmission.Welcome());
}
