using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Checks;
using HealthTrack.Core.Monitors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlScalar = YamlDotNet.Core.Events.Scalar;

namespace HealthTrack.Engine.Intake;

/// <summary>The form of the manifests that the API writes into a folder.</summary>
internal static partial class WrittenManifest
{
    private const string Marker = "# Written by HealthTrack's API. Edits are kept until the API writes it again.";

    // File systems hold names of 255 bytes; a namespace and a name may together be longer.
    private const int MaxStem = 200;

    /// <summary>Whether a text was written here, and the user left it so.</summary>
    public static bool IsOurs(string text) => text.StartsWith(Marker, StringComparison.Ordinal);

    /// <summary>The file that a monitor is written to: <c>namespace.name.yaml</c>. A namespace holds no dot, so no two monitors share one.</summary>
    /// <exception cref="ArgumentException">The key holds what no valid name does.</exception>
    public static string FileName(MonitorKey key)
    {
        if (!Segment().IsMatch(key.Namespace) || !Segment().IsMatch(key.Name) || key.Namespace.Contains('.', StringComparison.Ordinal))
            throw new ArgumentException($"{key} is no valid namespace and name.", nameof(key));
        var stem = $"{key.Namespace}.{key.Name}";
        if (stem.Length > MaxStem)
            stem = string.Create(CultureInfo.InvariantCulture, $"{stem[..MaxStem]}-{StableHash.Of(key.Namespace, key.Name):x16}");
        return stem + ".yaml";
    }

    /// <summary>The text of a manifest: block-style YAML under the marker.</summary>
    /// <param name="manifest">A ServiceMonitor as JSON.</param>
    public static string Format(string manifest)
    {
        using var json = JsonDocument.Parse(manifest);
        var text = new StringBuilder();
        using (var writer = new StringWriter(text, CultureInfo.InvariantCulture) { NewLine = "\n" })
        {
            var emitter = new Emitter(writer, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024));
            emitter.Emit(new StreamStart());
            emitter.Emit(new DocumentStart(null, null, isImplicit: true));
            Emit(emitter, json.RootElement);
            emitter.Emit(new DocumentEnd(isImplicit: true));
            emitter.Emit(new StreamEnd());
        }

        var yaml = text.ToString();
        // JSON is YAML too: should some value not come back from block style as it went in, it is kept in the form that it came in.
        return $"{Marker}\n{(Reads(yaml, manifest) ? yaml : manifest + "\n")}";
    }

    private static bool Reads(string yaml, string manifest) =>
        ManifestReader.Read(yaml, "") is [var read] && ManifestReader.Read(manifest, "") is [var given] && read.Manifest == given.Manifest;

    private static void Emit(Emitter emitter, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, MappingStyle.Block));
                foreach (var property in element.EnumerateObject())
                {
                    EmitText(emitter, property.Name);
                    Emit(emitter, property.Value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonValueKind.Array:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in element.EnumerateArray())
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValueKind.String:
                EmitText(emitter, element.GetString()!);
                break;
            default:
                Emit(emitter, element.GetRawText(), ScalarStyle.Plain);
                break;
        }
    }

    private static void EmitText(Emitter emitter, string text) =>
        Emit(emitter, text, Plain().IsMatch(text) && !Reserved().IsMatch(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted);

    private static void Emit(Emitter emitter, string text, ScalarStyle style) =>
        emitter.Emit(new YamlScalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));

    // Words, URLs and durations read better without quotes; all else is quoted rather than thought about.
    [GeneratedRegex(@"^(?:[A-Za-z][A-Za-z0-9_./@%+=&?~-]*(?::[A-Za-z0-9_./@%+=&?~-]+)*(?: [A-Za-z0-9_./@%+=&?~()-]+)*|[1-9][0-9]*(?:ms|s|m|h|d))\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Plain();

    // What some YAML reader takes for something else than text.
    [GeneratedRegex(@"^(?:true|false|yes|no|on|off|y|n|null|nan|inf)\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Reserved();

    [GeneratedRegex(@"^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Segment();
}
