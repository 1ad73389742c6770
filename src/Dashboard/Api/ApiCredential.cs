using System.Net.Http.Headers;

namespace HealthTrack.Dashboard.Api;

/// <summary>The dashboard's own credential for the API: the token in a file that may change under it.</summary>
internal sealed class ApiCredential(DashboardOptions options)
{
    /// <summary>What to send; null where the API asks for none, or the file is away for a moment.</summary>
    public async ValueTask<AuthenticationHeaderValue?> ReadAsync(CancellationToken stop)
    {
        if (options.ApiTokenFile is not { } file)
            return null;
        try
        {
            return new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(file, stop)).Trim());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // The API answers 401, which is said as any other answer of it.
        }
    }
}

/// <summary>Puts the credential on the dashboard's own requests.</summary>
internal sealed class ApiCredentialHandler(ApiCredential credential) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = await credential.ReadAsync(cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }
}
