using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Probe.Checkers.Http;

/// <summary>How an answer was found to be.</summary>
internal readonly record struct Verdict(
    Outcome Outcome, string? Message, bool CountsInLatency, IReadOnlyList<ExpectationResult> Expectations);

/// <summary>Judges whole answers by the rules of outcome. Expressions are compiled once.</summary>
internal sealed class HttpJudge
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>By the rules of outcome alone; one for all checks that expect nothing. It says nothing of an answer but its status.</summary>
    public static HttpJudge WithoutExpectations { get; } = new(null, SecretScrubber.Of([]));

    private readonly HttpExpectations? _expect;
    private readonly SecretScrubber _secrets;
    private readonly (Regex? Regex, string? Problem)[] _body;
    private readonly (Regex? Regex, string? Problem)[] _headers;
    private readonly byte[][] _needles;

    /// <param name="expect">What is expected; null: the rules of outcome without expectations.</param>
    /// <param name="secrets">What no message may show, although an answer holds it.</param>
    public HttpJudge(HttpExpectations? expect, SecretScrubber secrets)
    {
        _expect = expect;
        _secrets = secrets;
        _body = [.. (expect?.Body ?? []).Select(e => Compile((e as BodyMatches)?.Pattern))];
        _headers = [.. (expect?.Headers ?? []).Select(e => Compile(e.Matches))];
        _needles = [.. (expect?.Body ?? []).Select(e => e is BodyContains contains ? Encoding.UTF8.GetBytes(contains.Text) : [])];
    }

    public bool NeedsBody => _body.Length > 0;

    /// <summary>Expectations about the body want its charset.</summary>
    public bool NeedsHeaders => _headers.Length > 0 || _body.Length > 0;

    /// <summary>Judges an answer.</summary>
    /// <param name="answer">The whole answer.</param>
    /// <param name="latencyMicros">From the start of the check to the last byte.</param>
    /// <param name="explain">Also tell of the expectations that hold.</param>
    public Verdict Judge(HttpAnswer answer, long latencyMicros, bool explain)
    {
        if (_expect is null)
            return answer.Status switch
            {
                < 400 => new Verdict(Outcome.Ok, null, true, []),
                < 500 => new Verdict(Outcome.Warn, $"HTTP {answer.Status}", false, []),
                _ => new Verdict(Outcome.Error, $"HTTP {answer.Status}", false, []),
            };

        var results = new Results(explain);
        Status(answer, results);
        if (_body.Length > 0)
        {
            var text = new BodyText(answer, _secrets);
            for (var i = 0; i < _body.Length; i++)
                Body(i, answer, text, results);
        }
        for (var i = 0; i < _headers.Length; i++)
            Header(i, answer.Headers, results);
        var slow = false;
        if (_expect.MaxLatency is { } limit)
        {
            var passed = latencyMicros <= limit.Ticks / TimeSpan.TicksPerMicrosecond;
            slow = !passed;
            if (results.Wants(passed))
                results.Add("maxLatency", $"at most {Millis(limit.TotalMilliseconds)}", Millis(latencyMicros / 1000.0), passed);
        }
        return new Verdict(
            results.Failed == 0 ? Outcome.Ok : Outcome.Error,
            results.Message,
            results.Failed == 0 || (results.Failed == 1 && slow),
            results.All);
    }

    private void Status(HttpAnswer answer, Results results)
    {
        var accepted = _expect!.Status;
        var passed = accepted.Count == 0 && answer.Status < 400;
        for (var i = 0; i < accepted.Count && !passed; i++)
            passed = accepted[i].Contains(answer.Status);
        if (results.Wants(passed))
            results.Add("status", accepted.Count == 0 ? "below 400" : string.Join(", ", accepted), $"{answer.Status}", passed);
    }

    private void Body(int index, HttpAnswer answer, BodyText text, Results results)
    {
        switch (_expect!.Body[index])
        {
            case BodyContains contains:
                var found = text.IsUtf8 ? answer.Body.IndexOf(_needles[index]) >= 0 : text.Value.Contains(contains.Text, StringComparison.Ordinal);
                if (results.Wants(found))
                    results.Add($"body[{index}].contains", _secrets.OneLineOf(contains.Text), found ? "found" : $"not found in {answer.BodyBytes} bytes", found);
                break;
            case BodyMatches matches:
                var (passed, actual) = Match(_body[index], text.Value);
                if (results.Wants(passed))
                    results.Add($"body[{index}].matches", _secrets.OneLineOf(matches.Pattern), actual, passed);
                break;
            case BodyJsonPath path:
                var json = text.Json.Select(path.Path);
                var holds = json.Problem is null && (path.Expected is null || json.Value == path.Expected);
                if (results.Wants(holds))
                    results.Add($"body[{index}].jsonPath", path.Expected is null ? $"{_secrets.OneLineOf(path.Path)} exists" : $"{_secrets.OneLineOf(path.Path)} = {_secrets.OneLineOf(path.Expected)}",
                        _secrets.OneLineOf(json.Problem ?? json.Value!), holds);
                break;
        }
    }

    private void Header(int index, IHeaderFields fields, Results results)
    {
        var wanted = _expect!.Headers[index];
        var values = fields.Values(wanted.Name).ToArray();
        if (values.Length == 0)
        {
            results.Add($"headers[{index}]", $"{wanted.Name} is there", "no such header", false);
            return;
        }
        if (wanted.Contains is null && wanted.Matches is null && results.Wants(true))
            results.Add($"headers[{index}]", $"{wanted.Name} is there", _secrets.OneLineOf(values[0]), true);
        if (wanted.Contains is not null)
        {
            var passed = values.Any(v => v.Contains(wanted.Contains, StringComparison.OrdinalIgnoreCase));
            if (results.Wants(passed))
                results.Add($"headers[{index}].contains", $"{wanted.Name} contains {_secrets.OneLineOf(wanted.Contains)}", _secrets.OneLineOf(string.Join(", ", values)), passed);
        }
        if (wanted.Matches is not null)
        {
            var passed = values.Any(v => Match(_headers[index], v).Passed);
            if (results.Wants(passed))
                results.Add($"headers[{index}].matches", $"{wanted.Name} matches {_secrets.OneLineOf(wanted.Matches)}",
                    _headers[index].Problem ?? _secrets.OneLineOf(string.Join(", ", values)), passed);
        }
    }

    private static (bool Passed, string Actual) Match((Regex? Regex, string? Problem) expression, string text)
    {
        if (expression.Regex is null)
            return (false, expression.Problem!);
        try
        {
            return expression.Regex.IsMatch(text) ? (true, "matches") : (false, "no match");
        }
        catch (RegexMatchTimeoutException)
        {
            return (false, "matching took too long");
        }
    }

    private (Regex?, string?) Compile(string? pattern)
    {
        try
        {
            return (pattern is null ? null : new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout), null);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return (null, $"the expression cannot be used: {_secrets.OneLineOf(e.Message)}");
        }
    }

    private static string Millis(double ms) => string.Create(CultureInfo.InvariantCulture, $"{ms:0.###} ms");

    private sealed class Results(bool explain)
    {
        private List<ExpectationResult>? _all;

        public int Failed { get; private set; }

        public IReadOnlyList<ExpectationResult> All => _all ?? (IReadOnlyList<ExpectationResult>)[];

        /// <summary>The first two failures; the rest are in the explanation.</summary>
        public string? Message => Failed == 0
            ? null
            : string.Join("; ", _all!.Where(r => !r.Passed).Take(2).Select(r => $"{r.Path}: expected {r.Expected}, got {r.Actual}"))
                + (Failed > 2 ? $"; and {Failed - 2} more" : "");

        /// <summary>Whether anybody reads a result: the strings of a good check are not made.</summary>
        public bool Wants(bool passed) => explain || !passed;

        public void Add(string path, string expected, string actual, bool passed)
        {
            (_all ??= []).Add(new ExpectationResult(path, expected, actual, passed));
            if (!passed)
                Failed++;
        }
    }
}
