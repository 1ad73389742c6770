using System.Text.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Api.Security;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api;

/// <summary>A valid manifest that came as the body of a request: whole, or in the short form of a name and a URL.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Document">What the reader made of it.</param>
internal sealed record ManifestRequest(MonitorKey Key, ManifestDocument Document)
{
    private const string Origin = "the request";

    /// <summary>The Secrets that it names.</summary>
    public IReadOnlyCollection<string> Secrets => SecretNames.In(Document.Manifest);

    /// <summary>What its sender must be allowed to do: make it, with the Secrets that it names.</summary>
    public ApiAction Create() => new("create", Key.Namespace) { Secrets = Secrets };

    /// <summary>Reads the body of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="defaultNamespace">The namespace of one that names none.</param>
    /// <param name="wholeOnly">True: the short form is not taken.</param>
    /// <param name="named">What a manifest without a name is called, such as one that is only tried; null: it must have one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RefusedException">Malformed (400) or invalid (422).</exception>
    public static async Task<ManifestRequest> ReadAsync(
        HttpRequest request, string defaultNamespace, bool wholeOnly, MonitorKey? named, CancellationToken cancellationToken)
    {
        var (text, isJson) = await RequestBody.ReadAsync(request, cancellationToken);
        if (string.IsNullOrWhiteSpace(text))
            throw Malformed("The body is empty: send a manifest, or a name and a URL.");
        if (!isJson)
            return Whole(text, defaultNamespace, path => path, named);
        using var body = Parse(text);
        if (body.RootElement.ValueKind != JsonValueKind.Object)
            throw Malformed("The body must be a JSON object.");
        if (wholeOnly || body.RootElement.TryGetProperty("kind", out _) || body.RootElement.TryGetProperty("spec", out _))
            return Whole(Completed(body.RootElement, named) ?? text, defaultNamespace, path => path, named);
        return Short(body.RootElement, defaultNamespace, named);
    }

    private static JsonDocument Parse(string text)
    {
        try
        {
            var body = JsonDocument.Parse(text);
            JsonText.Check(body.RootElement, "");
            return body;
        }
        catch (JsonException e)
        {
            throw Malformed(string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"The body is not JSON: something is wrong in line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}."));
        }
    }

    // What is only tried needs no more than its spec.
    private static string? Completed(JsonElement body, MonitorKey? named)
    {
        if (named is not { } key || !body.TryGetProperty("spec", out _) || body.TryGetProperty("kind", out _))
            return null;
        var manifest = System.Text.Json.Nodes.JsonObject.Create(body)!;
        manifest["apiVersion"] ??= ServiceMonitor.GroupVersion;
        manifest["kind"] = ServiceMonitor.KindName;
        manifest["metadata"] ??= new System.Text.Json.Nodes.JsonObject { ["name"] = key.Name, ["namespace"] = key.Namespace };
        return manifest.ToJsonString();
    }

    private static ManifestRequest Short(JsonElement body, string defaultNamespace, MonitorKey? named)
    {
        var problems = new List<FieldProblem>();
        var service = ShortForm.Read(body, named?.Name, problems);
        if (string.IsNullOrWhiteSpace(service.Name) || string.IsNullOrWhiteSpace(service.Url))
            throw Invalid(problems);
        var manifest = ServiceMonitorFactory.FromSimple(service.Name, service.Url, service.IntervalSeconds, service.TimeoutSeconds, service.Namespace);
        return Whole(manifest, defaultNamespace, ServiceMonitorFactory.SimpleField, named, problems);
    }

    private static ManifestRequest Whole(
        string text, string defaultNamespace, Func<string, string> field, MonitorKey? named, IReadOnlyList<FieldProblem>? before = null)
    {
        var documents = ManifestReader.Read(text, Origin, defaultNamespace);
        if (documents.Count != 1)
            throw Invalid([new FieldProblem("", $"holds {documents.Count} documents: send one")]);
        var document = documents[0];
        var problems = (before ?? []).Concat(document.Errors.Select(e => new FieldProblem(field(e.Path), e.Problem))).ToList();
        if (problems.Count > 0)
            throw Invalid(problems);
        return new ManifestRequest(document.Key ?? named ?? throw Invalid([new FieldProblem("metadata.name", "is required")]), document);
    }

    private static RefusedException Malformed(string detail) => new(StatusCodes.Status400BadRequest, detail);

    /// <summary>The refusal of wrong fields.</summary>
    public static RefusedException Invalid(IReadOnlyList<FieldProblem> errors)
    {
        var first = errors[0].Path.Length > 0 ? $"{errors[0].Path} {errors[0].Problem}" : $"The body {errors[0].Problem}";
        var detail = errors.Count == 1 ? $"{first}." : $"{first}; and {errors.Count - 1} more.";
        return new RefusedException(StatusCodes.Status422UnprocessableEntity, detail, errors);
    }
}
