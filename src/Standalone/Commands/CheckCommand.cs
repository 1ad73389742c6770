using System.Globalization;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Intake;
using HealthTrack.Probe;

namespace HealthTrack.Standalone.Commands;

/// <summary><c>healthtrack check</c>: runs the monitors of a manifest once and explains what happened.</summary>
internal static class CheckCommand
{
    private const int AllOk = 0;
    private const int NotOk = 1;
    private const int BadManifest = 2;

    /// <summary>Runs it.</summary>
    /// <returns>0 all ok, 1 not all ok, 2 the manifest is wrong.</returns>
    public static async Task<int> RunAsync(string file, string? secrets, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var origin = file == "-" ? "standard input" : file;
        IReadOnlyList<ManifestDocument> documents;
        try
        {
            var text = file == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, cancellationToken);
            documents = ManifestReader.Read(text, origin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(Directory.Exists(file) ? $"{origin} is a folder: name one manifest in it." : $"{origin} cannot be read: {e.Message}");
            return BadManifest;
        }
        if (documents.Count == 0)
        {
            await errors.WriteLineAsync($"{origin} declares no ServiceMonitor.");
            return BadManifest;
        }
        var problems = documents.SelectMany(d => Problems(d).Select(p => d.Key is { } key ? $"{key}: {p}" : p)).ToList();
        foreach (var problem in problems)
            await errors.WriteLineAsync($"{origin}: {problem}");
        if (problems.Count > 0)
            return BadManifest;

        await using var services = Services(secrets);
        var runner = services.GetRequiredService<ICheckRunner>();
        var secretSource = services.GetService<ISecretSource>();
        var exitCode = AllOk;
        foreach (var document in documents)
        {
            var monitor = document.Monitor!.ToMonitor(MonitorUid.For(document.Key!.Value), 1);
            foreach (var path in NotSupportedFields.Of(document.Monitor!))
                await errors.WriteLineAsync($"{origin}: {path}: this version does not act on it; the check goes on without.");
            var (values, missing) = await ResolveAsync(monitor, secretSource, cancellationToken);
            if (missing.Count > 0)
            {
                await errors.WriteLineAsync($"{origin}: secret {string.Join(", ", missing)} is not below the folder of --secrets.");
                return BadManifest;
            }
            var explained = await runner.RunAsync(Assignment.Of(monitor, monitor.Spec.Pools[0], values), cancellationToken);
            await output.WriteLineAsync(CheckReport.Of(monitor, explained));
            if (explained.Result.Outcome != Outcome.Ok)
                exitCode = NotOk;
        }
        return exitCode;
    }

    private static IEnumerable<string> Problems(ManifestDocument document)
    {
        if (document.Errors.Count > 0)
            return document.Errors.Select(e => e.ToString());
        return document.Monitor!.CanCheck()
            ? []
            : [string.Create(CultureInfo.InvariantCulture, $"{NotSupportedFields.Of(document.Monitor!)[0]}: this version does not check this kind.")];
    }

    private static ServiceProvider Services(string? secrets)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddDirectorySecrets(secrets);
        services.AddCheckRunner();
        return services.BuildServiceProvider();
    }

    private static async Task<(Dictionary<SecretRef, string> Values, List<string> Missing)> ResolveAsync(
        Monitor monitor, ISecretSource? source, CancellationToken cancellationToken)
    {
        var values = new Dictionary<SecretRef, string>();
        var missing = new List<string>();
        foreach (var secret in monitor.Spec.Check.Secrets)
        {
            if (source is not null && await source.GetAsync(monitor.Key.Namespace, secret, cancellationToken) is { } value)
                values[secret] = value;
            else
                missing.Add($"{monitor.Key.Namespace}/{secret}");
        }
        return (values, missing);
    }
}
