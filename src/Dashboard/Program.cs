using System.CommandLine;
using System.CommandLine.Invocation;
using HealthTrack.Dashboard;

var api = Flag("--api", "HEALTHTRACK_API", "http://127.0.0.1:8000", "The base URL of HealthTrack's API; several processes by comma, or behind one name: the one that leads is asked.");
var port = Flag("--port", "HEALTHTRACK_DASHBOARD_PORT", "3000", "The TCP port to listen on; 0 for any.");
var bind = Flag("--bind", "HEALTHTRACK_DASHBOARD_BIND", "127.0.0.1", "The IP address to listen on.");
var grafana = Flag("--grafana", "HEALTHTRACK_GRAFANA", "", "Grafana's base URL: served under /grafana/, and linked from each service.");
var token = Flag("--api-token-file", "HEALTHTRACK_API_TOKEN_FILE", "", "A file with the API's bearer token.");
var root = new RootCommand("HealthTrack's dashboard: shows the services of one HealthTrack API, live.") { api, port, bind, grafana, token };
root.SetAction(async (flags, stop) =>
{
    var options = new DashboardOptions
    {
        Apis = [.. flags.GetRequiredValue(api).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => new Uri(url, UriKind.RelativeOrAbsolute))],
        Port = int.TryParse(flags.GetRequiredValue(port), out var number) ? number : -1,
        Bind = flags.GetRequiredValue(bind),
        ApiTokenFile = flags.GetRequiredValue(token) is { Length: > 0 } file ? file : null,
        Grafana = flags.GetRequiredValue(grafana) is { Length: > 0 } url ? new Uri(url, UriKind.RelativeOrAbsolute) : null,
    };
    try
    {
        await using var app = DashboardApp.Build(options);
        await app.RunAsync(stop);
        return 0;
    }
    catch (Exception failure) when (DashboardApp.Explain(failure, options) is { } sentence)
    {
        await Console.Error.WriteLineAsync(sentence);
        return 1;
    }
});
root.Add(HealthCheckCommand.Asking(bind, port));
// Signals are the host's: it stops in order, in its own time.
var commandLine = root.Parse(args);
if (commandLine.Action is ParseErrorAction wrong)
    wrong.ShowHelp = false;
return await commandLine.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static Option<string> Flag(string name, string variable, string preset, string text) =>
    new(name) { Description = $"{text} [{variable}]", DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) ?? preset };
