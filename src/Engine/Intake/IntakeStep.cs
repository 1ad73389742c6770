using System.Text.Json;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Intake;

/// <summary>What a declaration comes to: the row to keep, and the monitor that is in force from now on.</summary>
/// <param name="Declaration">What was declared.</param>
/// <param name="Row">The row after it; the id of a new one is 0 until it is saved.</param>
/// <param name="RowChanged">Whether the row differs from the one that is stored.</param>
/// <param name="Monitor">The monitor in force; null where none ever was valid.</param>
internal sealed record IntakeStep(MonitorDeclaration Declaration, StoredMonitor Row, bool RowChanged, Monitor? Monitor)
{
    /// <summary>Decides it: a pure function of the declaration and what was known before.</summary>
    /// <param name="declaration">What is declared now.</param>
    /// <param name="before">The stored row; null for a name never seen.</param>
    /// <param name="now">The present, ms since the Unix epoch.</param>
    public static IntakeStep Decide(MonitorDeclaration declaration, StoredMonitor? before, long now)
    {
        // A deleted monitor that is declared again is a new incarnation: the id and the history are the old ones, windows and health are not.
        var reborn = before is not null && (before.DeletedAt is not null || before.Uid != declaration.Uid);
        var lastGood = before is null || reborn ? null : LastGood(before, declaration);
        var monitor = declaration.Errors.Count > 0 ? lastGood : declaration.Monitor;
        var generation = Generation(declaration, before);
        // A kind that this version cannot check is a target of its own: there and back again is another life.
        var restarts = reborn || (before is { Manifest.Length: > 0 } && declaration.Errors.Count == 0 && Target(declaration.Monitor) != Target(lastGood));
        var row = new StoredMonitor
        {
            Id = before?.Id ?? 0,
            Key = declaration.Key,
            Uid = declaration.Uid,
            Generation = generation,
            Manifest = declaration.Errors.Count == 0 ? declaration.Manifest : lastGood is null ? "" : before!.Manifest,
            CountsFrom = before is null ? 0 : restarts ? now : before.CountsFrom,
            CountsFromGeneration = before is null || restarts ? generation : before.CountsFromGeneration,
            DeletedAt = null,
            Health = restarts ? null : before?.Health,
        };
        return new IntakeStep(declaration, row, row != before, monitor is null || monitor.Generation == generation ? monitor : monitor with { Generation = generation });
    }

    private static long Generation(MonitorDeclaration declaration, StoredMonitor? before)
    {
        if (declaration.HasGeneration && declaration.Monitor is not null)
            return declaration.Monitor.Generation;
        if (before is null)
            return 1;
        if (declaration.Errors.Count > 0)
            return before.Generation;
        var same = before.DeletedAt is null && SpecOf(before.Manifest) == SpecOf(declaration.Manifest);
        return same ? before.Generation : before.Generation + 1;
    }

    // Reading a manifest costs a hundred microseconds: at a restart with ten thousand of them, most unchanged, that is left out.
    private static Monitor? LastGood(StoredMonitor before, MonitorDeclaration declaration)
    {
        if (declaration.Errors.Count == 0 && declaration.Manifest == before.Manifest)
            return declaration.Monitor;
        return ManifestReader.Read(before.Manifest, "store") is [{ Key: not null } document]
            ? MonitorDeclarations.From(document, before.Uid, document.Origin, before.Generation).Monitor
            : null;
    }

    private static (string, string)? Target(Monitor? monitor) => monitor is null ? null : (monitor.Spec.Check.Kind, monitor.Spec.Check.Target);

    // Labels and annotations make no generation: a change of them is no reason to check at once.
    private static string SpecOf(string manifest)
    {
        if (manifest.Length == 0)
            return "";
        using var document = JsonDocument.Parse(manifest);
        return document.RootElement.TryGetProperty("spec", out var spec) ? spec.GetRawText() : "";
    }
}
