using HealthTrack.Operator;

return await OperatorCommand.Root().Parse(args).InvokeAsync();
