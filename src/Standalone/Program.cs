using System.CommandLine;
using HealthTrack.Standalone.Commands;

// The stop is ordered and has time limits of its own: checks end, results are stored. The default would cut it off after two seconds.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) };
return await CommandLine.Root().Parse(args).InvokeAsync(invocation);
