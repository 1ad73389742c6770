using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Engine.Api.Live;

/// <summary>Writes server-sent events (WHATWG HTML, section 9.2) of one connection. Waits for this reader alone.</summary>
/// <param name="output">The answer's body.</param>
/// <param name="epoch">Tells the ids of this life of the process from those of others.</param>
internal sealed class EventWriter(PipeWriter output, string epoch)
{
    private const int FlushAt = 64 * 1024;

    private static readonly JsonWriterOptions Writing = new() { Encoder = ApiJson.Options.Encoder };

    /// <summary>Adds an event; sends when much has been added.</summary>
    /// <param name="name">Its type.</param>
    /// <param name="sequence">Where a reader that has seen it goes on; null where it cannot go on from here.</param>
    /// <param name="row">What it says.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask EventAsync<T>(string name, long? sequence, T row, CancellationToken cancellationToken)
    {
        Text($"event: {name}\n");
        if (sequence is { } id)
            Text(string.Create(CultureInfo.InvariantCulture, $"id: {epoch}-{id}\n"));
        Text("data: ");
        using (var json = new Utf8JsonWriter(output, Writing))
            JsonSerializer.Serialize(json, row, ApiJson.Options);
        Text("\n\n");
        if (output.UnflushedBytes > FlushAt)
            await FlushAsync(cancellationToken);
    }

    /// <summary>Adds a comment, which readers skip.</summary>
    public void Comment(string text) => Text($": {text}\n\n");

    /// <summary>Sends what has been added.</summary>
    /// <exception cref="OperationCanceledException">The reader went, or the token was cancelled.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var result = await output.FlushAsync(cancellationToken);
        if (result.IsCompleted || result.IsCanceled)
            throw new OperationCanceledException("The reader of the stream went.");
    }

    private void Text(string text)
    {
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        output.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}
