using HealthTrack.Probe.Hosting;

return await ProbeCommand.RunAsync(args);
