using System.Globalization;
using System.Runtime.CompilerServices;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Probe.Checkers.Http;
using HealthTrack.Probe.Checkers.Net;

namespace HealthTrack.Probe.Checkers;

/// <summary>
/// The HTTP protocol: request, redirects, judgement. The whole check, redirects included, has one time limit; what the server does ends
/// in a result.
/// </summary>
internal sealed class HttpChecker(Connector connector, TlsMaterial material) : IChecker
{
    private sealed record Prepared(HttpPlan Plan, IHttpTransport Transport);

    private readonly FreshTransport _fresh = new(connector);

    // By reference and weakly: what nobody releases goes with its assignment.
    private readonly ConditionalWeakTable<Assignment, Prepared> _prepared = [];

    public async ValueTask<CheckResult> CheckAsync(
        Assignment assignment, CheckMoment moment, ExplanationBuilder? explain, CancellationToken cancellationToken)
    {
        if (!_prepared.TryGetValue(assignment, out var ready))
            ready = _prepared.GetValue(assignment, Prepare);
        var plan = ready.Plan;
        var trace = new CheckTrace();
        if (plan.First is null)
            return Result(assignment, plan, moment, trace, 0, new Verdict(Outcome.Down, plan.Problem, false, []));
        using var limit = new TimeLimit(assignment.Timeout, cancellationToken);
        using var answer = new HttpAnswer(plan.Judge.NeedsBody);
        var failure = await FollowAsync(ready, answer, trace, explain, limit.Token).ConfigureAwait(false);
        var latency = trace.Elapsed;
        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null && limit.HasPassed)
            failure = CheckFailure.Down($"no whole answer within {Say(assignment.Timeout)}: {failure.Message}");

        var verdict = failure is null
            ? plan.Judge.Judge(answer, latency, explain is not null)
            : new Verdict(failure.Outcome, failure.Message, false, []);
        if (explain is not null)
        {
            explain.Address = trace.Remote?.ToString();
            explain.Protocol = trace.Protocol;
            explain.BodyBytes = answer.BodyBytes;
            explain.Expectations = verdict.Expectations;
        }
        return Result(assignment, plan, moment, trace, answer.Status, verdict, latency);
    }

    public void Release(Assignment assignment)
    {
        if (_prepared.TryGetValue(assignment, out var ready) && _prepared.Remove(assignment))
            (ready.Transport as PooledTransport)?.Dispose();
    }

    /// <summary>The first request and those that redirects ask for.</summary>
    private static async ValueTask<CheckFailure?> FollowAsync(
        Prepared ready, HttpAnswer answer, CheckTrace trace, ExplanationBuilder? explain, CancellationToken cancellationToken)
    {
        var hop = ready.Plan.First!;
        HashSet<(string, string)>? visited = null;
        for (var redirects = 0; ; redirects++)
        {
            var failure = await ready.Transport.ExchangeAsync(hop, answer, trace, cancellationToken).ConfigureAwait(false);
            if (failure is not null || !hop.IsRedirect(answer.Status) || answer.Headers.Values("Location").FirstOrDefault() is not { } location)
                return failure;
            if (redirects == HttpLimits.Redirects)
                return CheckFailure.Error($"redirect: more than {HttpLimits.Redirects} redirects");
            var (next, problem) = ready.Plan.Follow(hop, answer.Status, location);
            if (next is null)
                return CheckFailure.Error(problem!);
            visited ??= [(hop.Method, hop.Url.AbsoluteUri)];
            var shown = Shown(next.Url);
            explain?.Redirects.Add(ready.Plan.Secrets.Scrub(shown));
            if (!visited.Add((next.Method, next.Url.AbsoluteUri)))
                return CheckFailure.Error($"redirect: a loop: {ready.Plan.Secrets.OneLineOf(shown)} was asked before");
            hop = next;
            answer.Restart();
        }
    }

    private Prepared Prepare(Assignment assignment)
    {
        var plan = HttpPlan.Of(assignment, material);
        return new Prepared(plan, plan.ReuseConnection ? new PooledTransport(connector, assignment.Interval) : _fresh);
    }

    private static CheckResult Result(
        Assignment assignment, HttpPlan plan, CheckMoment moment, CheckTrace trace, int status, Verdict verdict, long? latency = null) => new()
        {
            Uid = assignment.Uid,
            Location = assignment.Location,
            Worker = moment.Worker,
            Generation = assignment.Generation,
            DueTime = moment.DueTime,
            StartedAt = moment.StartedAt,
            Kind = moment.Kind,
            Outcome = verdict.Outcome,
            LatencyMicros = latency ?? trace.Elapsed,
            CountsInLatency = verdict.CountsInLatency,
            StatusCode = status == 0 ? null : status,
            Message = verdict.Message is null ? null : plan.Secrets.Scrub(verdict.Message),
            Phases = trace.Phases,
            Certificate = trace.Certificate,
        };

    /// <summary>A URL without user information, which may hold a password.</summary>
    private static string Shown(Uri url) => url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped);

    private static string Say(TimeSpan limit) => string.Create(CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###} s");
}
