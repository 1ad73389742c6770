using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>Reads one row or problem of an answer whose headers alone have come.</summary>
internal static class BoundedJson
{
    // Either is a page of text at the very most; anything longer is not ours to hold.
    private const int MaxBody = 64 * 1024;

    /// <summary>What the body says; null where it is no such JSON, is longer than 64 KiB or breaks off.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContent content, CancellationToken stop)
        where T : class
    {
        try
        {
            await content.LoadIntoBufferAsync(MaxBody, stop);
            return JsonSerializer.Deserialize<T>(await content.ReadAsByteArrayAsync(stop), ApiJson.Options);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            return null;
        }
    }
}
