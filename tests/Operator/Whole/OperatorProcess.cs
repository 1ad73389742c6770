using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace HealthTrack.Operator.Tests.Whole;

/// <summary>The operator as a process of its own: what can be killed.</summary>
internal sealed partial class OperatorProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly HttpClient _api = new();
    private Task<string>? _rest;

    private OperatorProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    /// <summary>Starts it on a port that the system picks, and waits until its API listens.</summary>
    public static Task<OperatorProcess> StartAsync(CancellationToken cancellationToken, params string[] arguments) => StartAsync([], cancellationToken, arguments);

    /// <summary>The same, with environment variables.</summary>
    public static async Task<OperatorProcess> StartAsync(Dictionary<string, string> environment, CancellationToken cancellationToken, params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "healthtrack-operator.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--api-port", "0", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        var running = new OperatorProcess(Process.Start(start)!);
        try
        {
            await running.UntilListeningAsync(cancellationToken);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks its API for a list; empty as long as it says that it is still starting.</summary>
    public async Task<JsonArray> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var answer = await _api.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            return [];
        answer.EnsureSuccessStatusCode();
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!.AsArray();
    }

    /// <summary>Asks its API for anything; the answer whatever its status, null where none comes.</summary>
    public async Task<(HttpStatusCode Status, string Body)?> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(5));
            using var answer = await _api.GetAsync(new Uri(path, UriKind.Relative), limit.Token);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(limit.Token));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    /// <summary>Asks its API for anything that it answers: again where it does not in time.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AnswerAsync(string path, CancellationToken cancellationToken)
    {
        (HttpStatusCode, string)? answer = null;
        await Eventually.TrueAsync(async () => (answer = await AskAsync(path, cancellationToken)) is not null, $"an answer to {path}", cancellationToken);
        return answer!.Value;
    }

    /// <summary>Sends it a signal, such as STOP, CONT or TERM.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <returns>Its exit code and what it said on standard error.</returns>
    public async Task<(int Code, string Errors)> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(90), cancellationToken);
        return (_process.ExitCode, await _errors);
    }

    /// <summary>Kills it (SIGKILL): it has no time for anything.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _errors;
        if (_rest is not null)
            await _rest;
        _process.Dispose();
        _api.Dispose();
    }

    private async Task UntilListeningAsync(CancellationToken cancellationToken)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (Listening().Match(line) is not { Success: true } match)
                continue;
            _api.BaseAddress = new Uri(match.Groups[1].Value);
            _rest = _process.StandardOutput.ReadToEndAsync(CancellationToken.None); // A pipe that nobody reads fills up.
            return;
        }
        Assert.Fail($"The operator ended before it listened: {await _errors}");
    }

    [GeneratedRegex(@"its API is at (\S+)")]
    private static partial Regex Listening();
}
