using HealthTrack.Standalone.Commands;

return await CommandLine.Root().Parse(args).InvokeAsync();
