using System.Net;
using HealthTrack.Contracts.Link;
using Microsoft.Extensions.Options;

namespace HealthTrack.Probe;

internal sealed class ProbeOptionsValidator : IValidateOptions<ProbeOptions>
{
    public ValidateOptionsResult Validate(string? name, ProbeOptions options)
    {
        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(options.WorkerId) || options.WorkerId.Length > 253)
            errors.Add("WorkerId must have 1 to 253 characters.");
        if (string.IsNullOrWhiteSpace(options.Pool) || options.Pool.Length > 253)
            errors.Add("Pool must have 1 to 253 characters.");
        if (options.Capacity is < 1 or > LinkLimits.Capacity)
            errors.Add($"Capacity is {options.Capacity}; it must be 1 to {LinkLimits.Capacity}.");
        if (options.MaxInFlight is < 1 or > 1_000_000)
            errors.Add($"MaxInFlight is {options.MaxInFlight}; it must be 1 to 1000000.");
        if (options.MaxUnacknowledged < 1000)
            errors.Add($"MaxUnacknowledged is {options.MaxUnacknowledged}; it must be at least 1000.");
        if (options.SpoolLimit < 1024 * 1024)
            errors.Add($"SpoolLimit is {options.SpoolLimit} bytes; it must be at least 1 MiB.");
        if (options.HandOverTimeout < TimeSpan.Zero)
            errors.Add("HandOverTimeout must not be negative.");
        if (options.DrainTimeout < TimeSpan.Zero)
            errors.Add("DrainTimeout must not be negative.");
        if (options.FlushTimeout < TimeSpan.Zero)
            errors.Add("FlushTimeout must not be negative.");
        if (options.TrustBundle is { } bundle && !File.Exists(bundle))
            errors.Add($"TrustBundle names {bundle}, which does not exist.");
        Cidrs(nameof(options.AllowCidrs), options.AllowCidrs, errors);
        Cidrs(nameof(options.DenyCidrs), options.DenyCidrs, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Cidrs(string field, IList<string> cidrs, List<string> errors)
    {
        for (var i = 0; i < cidrs.Count; i++)
            if (!IPNetwork.TryParse(cidrs[i], out _))
                errors.Add($"{field}[{i}] is '{cidrs[i]}'; it must be a range such as 10.0.0.0/8.");
    }
}
