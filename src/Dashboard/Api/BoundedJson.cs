using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>Reads what an answer holds whose headers alone have come.</summary>
internal static class BoundedJson
{
    /// <summary>The limit of one row or problem, bytes: a page of text at the very most; anything longer is not ours to hold.</summary>
    public const int OneRow = 64 * 1024;

    /// <summary>The limit of a list, bytes.</summary>
    public const int List = 4 * 1024 * 1024;

    /// <summary>What the body says; null where it is no such JSON, is longer than <paramref name="limit"/> or breaks off.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContent content, CancellationToken stop, int limit = OneRow)
        where T : class
    {
        try
        {
            await content.LoadIntoBufferAsync(limit, stop);
            return JsonSerializer.Deserialize<T>(await content.ReadAsByteArrayAsync(stop), ApiJson.Options);
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            return null;
        }
    }
}
