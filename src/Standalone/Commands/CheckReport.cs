using System.Globalization;
using System.Text;
using HealthTrack.Core.Checks;

namespace HealthTrack.Standalone.Commands;

/// <summary>An explained result as text for a terminal.</summary>
internal static class CheckReport
{
    /// <summary>The report, several lines.</summary>
    public static string Of(Monitor monitor, ExplainedResult explained)
    {
        var result = explained.Result;
        var text = new StringBuilder();
        text.Append(Invariant($"{result.Outcome.ToString().ToUpperInvariant(),-5} {monitor.Key}  {monitor.Spec.Check.Target}\n"));
        if (result.Message is not null)
            text.Append(Invariant($"      {result.Message}\n"));
        Line(text, "status", result.StatusCode is null ? null : $"{result.StatusCode} {explained.Protocol}".TrimEnd());
        Line(text, "address", explained.Address);
        foreach (var redirect in explained.Redirects)
            Line(text, "redirect", redirect);
        if (result.Certificate is { } certificate)
            Line(text, "certificate", Invariant($"until {certificate.NotAfter:yyyy-MM-dd HH:mm}Z, issued by {certificate.Issuer}"));
        Line(text, "latency", Invariant($"{Millis(result.LatencyMicros)} of {monitor.Spec.Timeout.TotalMilliseconds:0} ms allowed"));
        foreach (var (name, micros) in Phases(result.Phases))
            text.Append(Invariant($"        {name,-12} {Millis(micros),12}\n"));
        foreach (var expectation in explained.Expectations)
        {
            text.Append(Invariant($"      {(expectation.Passed ? "pass" : "FAIL")} {expectation.Path}: expected {expectation.Expected}"));
            text.Append(expectation.Passed ? "\n" : Invariant($", found {expectation.Actual}\n"));
        }
        return text.ToString().TrimEnd('\n');
    }

    private static IEnumerable<(string Name, long Micros)> Phases(CheckPhases phases) =>
    [
        ("DNS", phases.Dns), ("connect", phases.Connect), ("TLS", phases.Tls), ("first byte", phases.FirstByte), ("download", phases.Download),
    ];

    private static void Line(StringBuilder text, string name, string? value)
    {
        if (value is not null)
            text.Append(Invariant($"      {name,-12} {value}\n"));
    }

    private static string Millis(long micros) => Invariant($"{micros / 1000.0:0.000} ms");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
