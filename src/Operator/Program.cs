using System.CommandLine;
using System.CommandLine.Invocation;
using HealthTrack.Operator;

// The stop is ordered and has time limits of its own: results are stored, the Lease is released. The default would cut it off after two seconds.
var commandLine = OperatorCommand.Root().Parse(args);
if (commandLine.Action is ParseErrorAction wrong)
    wrong.ShowHelp = false;
var exitCode = await commandLine.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return commandLine.Errors.Count > 0 ? 2 : exitCode;
