using System.Text.Json;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>One server-sent event, or a comment (then only <paramref name="Data"/> is set).</summary>
internal sealed record StreamEvent(string? Name, string? Id, string Data)
{
    public JsonElement Row => JsonSerializer.Deserialize<JsonElement>(Data);
}

/// <summary>Reads server-sent events line by line, comments included.</summary>
internal sealed class StreamReader(HttpResponseMessage response, System.IO.StreamReader lines) : IDisposable
{
    public static async Task<StreamReader> OpenAsync(HttpClient client, CancellationToken cancellationToken, string? lastEventId = null, bool inQuery = false)
    {
        var path = lastEventId is not null && inQuery ? $"/stream?last_event_id={lastEventId}" : "/stream";
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null && !inQuery)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        return new StreamReader(response, new System.IO.StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
    }

    public string? ContentType => response.Content.Headers.ContentType?.ToString();

    /// <summary>The next event or comment; null at the end.</summary>
    public async Task<StreamEvent?> NextAsync(CancellationToken cancellationToken)
    {
        string? name = null, id = null;
        while (await lines.ReadLineAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), cancellationToken) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                name = line[7..];
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                return new StreamEvent(name, id, line[6..]);
            else if (line.StartsWith(": ", StringComparison.Ordinal))
                return new StreamEvent(null, null, line[2..]);
            else
                Assert.Empty(line);
        }
        return null;
    }

    /// <summary>Events up to and with the first that fits.</summary>
    public async Task<List<StreamEvent>> UntilAsync(Func<StreamEvent, bool> fits, CancellationToken cancellationToken)
    {
        var events = new List<StreamEvent>();
        while (await NextAsync(cancellationToken) is { } next)
        {
            events.Add(next);
            if (fits(next))
                return events;
        }
        throw new InvalidOperationException("The stream ended.");
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
