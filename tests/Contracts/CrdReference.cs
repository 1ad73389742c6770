using System.Globalization;
using System.Text;
using HealthTrack.Contracts.V1Alpha1.Reading;

namespace HealthTrack.Contracts.Tests;

/// <summary>Writes docs/crd-reference.md from the schema.</summary>
internal static class CrdReference
{
    private const string Head = """
        # Custom resources: every field

        `apiVersion: sre.healthtrack.io/v1alpha1`, category `healthtrack`, all of them namespaced: [ServiceMonitor](#servicemonitor) (`htm`),
        [ProbePool](#probepool) (`htpool`) and [NotificationChannel](#notificationchannel) (`htchan`).

        This page is written from the definitions in `config/crd`, and a test sees that it is current
        (`HEALTHTRACK_UPDATE_GOLDEN=1 dotnet run --project tests/Contracts` writes it anew). Examples to copy are in `config/samples`.

        - **Durations** are Go's, without a sign, plus `d` for 24 hours: `500ms`, `30s`, `1m30s`, `1.5h`, `7d`.
        - **Unknown and repeated fields are errors**, with their path, and so is a number where a text is wanted: write `"301"`, `"99.9"`, `"4"`.
        - **Secrets** are named, never written: `secretKeyRef` is a Secret's name and key in the monitor's own namespace. Outside a cluster the
          same reference is the file `NAMESPACE/NAME/KEY` below the folder of `--secrets`.
        - A field whose feature has not arrived yet is accepted; where it is set away from its default, the conditions name it with the reason
          `NotSupported`, and probing goes on without it.
        - Bounds are checked by Kubernetes when the resource is written, and from 1.25 on the rules too. HealthTrack checks both itself, everywhere.


        """;

    private static readonly Dictionary<string, string> Columns = new()
    {
        ["ServiceMonitor"] = """
            ## Columns of `kubectl get htm`

            Target, Health, Uptime, P95 (ms), Apdex, Budget, Ready and Age; with `-o wide` also Error rate, Avg and P99 (ms), Worker and Reason. A column
            shows one field, but where the target is written depends on the kind: Target therefore shows `status.target`, which the operator writes for
            every kind, so that it is empty until the monitor has been seen for the first time.

            """,
        ["ProbePool"] = """
            ## Columns of `kubectl get htpool`

            Replicas, Ready (the condition), Workers (those that are connected), Load, Version and Age; with `-o wide` also Monitors and Reason.

            """,
        ["NotificationChannel"] = """
            ## Columns of `kubectl get htchan`

            Type, Default, Ready (the condition), Delivered (since the last delivery, or try) and Age; with `-o wide` also Error.

            """,
    };

    public static string Write()
    {
        var text = new StringBuilder(Head);
        Section(text, "metadata", "The name, and what else people write about a resource. The same for every kind.", [.. Below("metadata", ResourceKind.Metadata)]);
        foreach (var kind in ResourceKind.All)
        {
            Kind(text, kind);
            text.Append(Columns[kind.Name]).Append('\n');
        }
        return text.ToString().TrimEnd() + "\n";
    }

    private static void Kind(StringBuilder text, ResourceKind kind)
    {
        text.Append(CultureInfo.InvariantCulture, $"# {kind.Name}\n\n{kind.Root.Description}\n\n");
        var spec = kind.Spec;
        var sections = spec.Properties.Where(p => p.Schema.Type == "object").ToList();
        // Objects have a section each; here is one row for every one of them, after the plain fields.
        var fields = spec.Properties.Except(sections).SelectMany(p => Field("spec", p.Name, p.Schema, spec));
        Section(text, "spec", spec.Description, [.. fields, .. sections.SelectMany(s => Own("spec", s.Name, s.Schema, spec))], [.. Rules("", kind.Root), .. Rules("spec", spec)]);
        foreach (var (name, schema) in sections)
            Section(text, $"spec.{name}", schema.Description, [.. Below($"spec.{name}", schema)], AllRules($"spec.{name}", schema));
        Section(text, "status", kind.Status.Description, [.. Below("status", kind.Status)]);
    }

    private static void Section(StringBuilder text, string title, string description, List<string> rows, List<string>? rules = null)
    {
        text.Append(CultureInfo.InvariantCulture, $"## `{title}`\n\n{description}\n\n| Field | Type | Default | Bounds | Meaning |\n|---|---|---|---|---|\n");
        rows.ForEach(row => text.Append(row).Append('\n'));
        text.Append('\n');
        if (rules is not { Count: > 0 })
            return;
        text.Append("Rules:\n\n");
        rules.ForEach(rule => text.Append(rule).Append('\n'));
        text.Append('\n');
    }

    private static IEnumerable<string> Below(string path, SchemaNode schema) => schema.Properties.SelectMany(p => Field(path, p.Name, p.Schema, schema));

    private static IEnumerable<string> Field(string parent, string name, SchemaNode schema, SchemaNode owner)
    {
        var path = $"{parent}.{name}";
        var item = schema.Items is { Type: "object" } items ? items : null;
        return [.. Own(parent, name, schema, owner), .. schema.Properties.SelectMany(p => Field(path, p.Name, p.Schema, schema)), .. item is null ? [] : Below($"{path}[]", item)];
    }

    private static IEnumerable<string> Own(string parent, string name, SchemaNode schema, SchemaNode owner)
    {
        var fallback = owner.Required.Contains(name) ? "required" : schema.Default switch
        {
            ScalarNode { Text: "" } => "`\"\"`",
            ScalarNode scalar => $"`{scalar.Text}`",
            ListNode list => $"`[{string.Join(", ", list.Items.Cast<ScalarNode>().Select(i => i.Text))}]`",
            MapNode => "as below",
            _ => "",
        };
        yield return $"| `{parent}.{name}` | {TypeOf(schema)} | {fallback} | {Escape(Bounds(schema))} | {Escape(Meaning(schema))} |";
    }

    private static string Meaning(SchemaNode schema) =>
        schema.Items is { Type: "string" } items ? $"{schema.Description} {items.Description}" : schema.Description;

    private static string TypeOf(SchemaNode schema) => schema switch
    {
        { Pattern: Patterns.Duration } => "duration",
        { Type: "string", Format: "date-time" } => "time",
        { Type: "string" } => "text",
        { Type: "boolean" } => "true or false",
        { Type: "integer" } => "whole number",
        { Type: "array", Items: { } items } => $"list of {(items.Type == "object" ? "mappings" : "texts")}",
        { AdditionalProperties: not null } => "map of texts",
        { Type: "object" } => "mapping",
        _ => schema.Type,
    };

    private static string Bounds(SchemaNode schema)
    {
        var bounds = new List<string>();
        if (schema.Enum.Count > 0)
            bounds.Add($"one of {string.Join(", ", schema.Enum.Select(e => $"`{e}`"))}");
        if (schema.Minimum is { } from && schema.Maximum is { } to)
            bounds.Add(to > 1e15 ? $"at least {from.ToString(CultureInfo.InvariantCulture)}" : string.Create(CultureInfo.InvariantCulture, $"{from} to {to}"));
        if (schema.MaxLength is { } length && schema.Pattern != Patterns.Duration)
            bounds.Add(string.Create(CultureInfo.InvariantCulture, $"{(schema.MinLength > 0 ? "1 to" : "at most")} {length} characters"));
        if (schema.MaxItems is { } items)
            bounds.Add(string.Create(CultureInfo.InvariantCulture, $"{(schema.MinItems > 0 ? "1 to" : "at most")} {items} entries"));
        if (schema.ListType == "set")
            bounds.Add("each once");
        if (schema.ListType == "map")
            bounds.Add($"each {string.Join(" and ", schema.ListMapKeys)} once");
        if (schema.MaxProperties is { } properties)
            bounds.Add(string.Create(CultureInfo.InvariantCulture, $"at most {properties} entries"));
        if (schema.Pattern is { } pattern && pattern != Patterns.Duration && Patterns.HasMeaning(pattern))
            bounds.Add(Patterns.Meaning(pattern));
        if (schema.Type is not ("object" or "array"))
            bounds.AddRange(schema.Rules.Select(r => r.Message));
        if (schema.Items is { Type: "string" } item)
            bounds.Add($"each: {Bounds(item)}");
        return string.Join("; ", bounds.Select(b => b.StartsWith("must be ", StringComparison.Ordinal) ? b["must be ".Length..] : b));
    }

    private static List<string> AllRules(string path, SchemaNode schema) =>
    [
        .. Rules(path, schema),
        .. schema.Properties.SelectMany(p => AllRules($"{path}.{p.Name}", p.Schema)),
        .. schema.Items is { } items ? AllRules($"{path}[]", items) : [],
    ];

    private static List<string> Rules(string path, SchemaNode schema) =>
        schema.Type == "object" ? [.. schema.Rules.Select(r => path.Length > 0 ? $"- `{path}`: {r.Message}." : $"- {r.Message}.")] : [];

    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
