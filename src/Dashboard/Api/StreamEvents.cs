using System.Text.Json;
using System.Text.Json.Serialization;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Dashboard.Api;

/// <summary>
/// Reads what the stream's events say, from the bytes as they came. Texts that thousands of rows have alike are held once: a row that is kept is little more than
/// its numbers. Not thread-safe: one a stream.
/// </summary>
internal sealed class StreamEvents
{
    private readonly JsonSerializerOptions _options;

    public StreamEvents()
    {
        _options = new JsonSerializerOptions(ApiJson.Options);
        _options.Converters.Add(new TextConverter());
        _options.MakeReadOnly(populateMissingResolver: true);
    }

    /// <summary>
    /// The <see cref="StreamReset"/>, <see cref="ServiceRow"/>, <see cref="CheckRow"/> or <see cref="RemovedRow"/> that an event holds; a <see cref="JsonException"/> where it
    /// cannot be read, which must not cost the other events; null for an event of another type.
    /// </summary>
    public object? Read(string type, ReadOnlySpan<byte> data)
    {
        try
        {
            return type switch
            {
                "reset" => JsonSerializer.Deserialize<StreamReset>(data, _options),
                "service" => JsonSerializer.Deserialize<ServiceRow>(data, _options),
                "check" => JsonSerializer.Deserialize<CheckRow>(data, _options),
                "removed" => JsonSerializer.Deserialize<RemovedRow>(data, _options),
                _ => null,
            };
        }
        catch (JsonException unreadable)
        {
            return unreadable;
        }
    }

    private sealed class TextConverter : JsonConverter<string>
    {
        private readonly RepeatedTexts _texts = new();

        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            // One that is not a string is refused by GetString as before.
            if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueSpan.Length > RepeatedTexts.Longest)
                return reader.GetString();
            Span<char> text = stackalloc char[RepeatedTexts.Longest];
            return _texts.One(text[..reader.CopyString(text)]);
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
