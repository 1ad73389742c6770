using System.CommandLine;
using System.CommandLine.Invocation;
using HealthTrack.Standalone.Commands;

// The stop is ordered and has time limits of its own: checks end, results are stored. The default would cut it off after two seconds.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) };
var commandLine = CommandLine.Root().Parse(args);
if (commandLine.Action is ParseErrorAction wrong)
    wrong.ShowHelp = false;
var exitCode = await commandLine.InvokeAsync(invocation);
return commandLine.Errors.Count > 0 ? 2 : exitCode; // A typing error is no outage: `check` says 1 where a target is not ok.
