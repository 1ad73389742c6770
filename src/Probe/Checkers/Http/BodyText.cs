using System.Net.Http.Headers;
using System.Text;
using HealthTrack.Contracts.V1Alpha1;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>A body as text and as JSON, made when first asked for.</summary>
internal sealed class BodyText
{
    private readonly HttpAnswer _answer;
    private readonly SecretScrubber _secrets;
    private readonly Encoding _encoding;
    private string? _value;
    private JsonBody? _json;

    public BodyText(HttpAnswer answer, SecretScrubber secrets)
    {
        _answer = answer;
        _secrets = secrets;
        _encoding = Charset(answer);
    }

    /// <summary>The bytes are UTF-8, so a search may go over them as they are.</summary>
    public bool IsUtf8 => _encoding == Encoding.UTF8;

    public string Value => _value ??= Decode();

    public JsonBody Json => _json ??= new JsonBody(Value, _secrets);

    private string Decode()
    {
        var bytes = _answer.Body;
        return _encoding.GetString(bytes.StartsWith(_encoding.Preamble) ? bytes[_encoding.Preamble.Length..] : bytes);
    }

    private static Encoding Charset(HttpAnswer answer)
    {
        var type = answer.Headers.Values("Content-Type").FirstOrDefault();
        if (type is null || !MediaTypeHeaderValue.TryParse(type, out var parsed) || parsed.CharSet is not { Length: > 0 } name)
            return Encoding.UTF8;
        try
        {
            var named = Encoding.GetEncoding(name.Trim('"'));
            return named.CodePage == Encoding.UTF8.CodePage ? Encoding.UTF8 : named;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}

/// <summary>A body as JSON, for JSONPath.</summary>
internal sealed class JsonBody
{
    private readonly JsonPathSearch? _search;
    private readonly string? _problem;

    public JsonBody(string text, SecretScrubber secrets)
    {
        try
        {
            // As decimals "1.10" stays what it is; what no decimal can hold is read as a double.
            _search = new JsonPathSearch(Parse(text, FloatParseHandling.Decimal));
        }
        catch (JsonException)
        {
            try
            {
                _search = new JsonPathSearch(Parse(text, FloatParseHandling.Double));
            }
            catch (JsonException e)
            {
                _problem = $"the body is not JSON: {secrets.OneLineOf(e.Message, 100)}";
            }
        }
    }

    /// <summary>The one value at a path as text (strings by their value, anything else by its JSON), or why there is none.</summary>
    public (string? Value, string? Problem) Select(string path)
    {
        if (_search is null)
            return (null, _problem);
        // The validator has refused such a path; this is one that an older control plane let through.
        if (!JsonPath.TryParse(path, out var parsed, out var unusable))
            return (null, $"the path cannot be used: it {unusable}");
        return _search.Select(parsed) switch
        {
            null => (null, "the body is too large for this path: write it with names in place of * and .."),
            [] => (null, "nothing there"),
            [JValue { Type: JTokenType.String } text] => ((string)text!, null),
            [var one] => (one.ToString(Formatting.None), null),
            _ => (null, "more than one value there"),
        };
    }

    private static JToken Parse(string text, FloatParseHandling floats)
    {
        using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None, FloatParseHandling = floats, MaxDepth = 64 };
        var token = JToken.ReadFrom(reader);
        return reader.Read() ? throw new JsonReaderException("there is more after the end of the document") : token;
    }
}
