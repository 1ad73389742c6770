using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HealthTrack.Contracts.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace HealthTrack.Engine.Api.OpenApi;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c> and the explorer at <c>/docs</c>.</summary>
internal static partial class DocumentSetup
{
    private const string Title = "HealthTrack API";

    /// <summary>Registers the document.</summary>
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddHttpContextAccessor().AddOpenApi("v1", document =>
    {
        document.AddDocumentTransformer((api, context, _) =>
        {
            api.Info.Title = Title;
            api.Info.Version = "v1";
            api.Info.Description = "Services, their checks and their SRE numbers. Times are RFC 3339 in UTC, errors are problem details (RFC 9457), "
                + "a metric without samples is null.";
            // Relative to whichever host the document was fetched from; behind the dashboard the API lies under a prefix.
            var request = context.ApplicationServices.GetRequiredService<IHttpContextAccessor>().HttpContext?.Request;
            api.Servers = request?.Headers[ApiHeaders.Prefix].ToString() is { Length: > 0 } prefix && Prefix().IsMatch(prefix)
                ? [new OpenApiServer { Url = prefix }]
                : [];
            return Task.CompletedTask;
        });
        document.AddOperationTransformer((operation, context, _) =>
        {
            // Where both are there, the generator takes the comment in the code, which speaks to programmers.
            operation.Summary = context.Description.ActionDescriptor.EndpointMetadata.OfType<IEndpointSummaryMetadata>().LastOrDefault()?.Summary
                ?? operation.Summary;
            AddParameters(operation, context.Description.ActionDescriptor.EndpointMetadata.OfType<ParameterDocs>());
            AddBody(operation, context.Description.ActionDescriptor.EndpointMetadata.OfType<BodyDocs>().FirstOrDefault());
            return Task.CompletedTask;
        });
        document.AddOperationTransformer(async (operation, context, cancellationToken) =>
        {
            if (operation.Responses?.TryGetValue("422", out var invalid) == true && invalid.Content?.Values.FirstOrDefault() is { } content)
                content.Schema = await InvalidSchemaAsync(context, cancellationToken);
        });
    });

    /// <summary>Maps the document and the explorer. The explorer's script comes from this process; nothing comes from another host.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder routes, params object[] metadata)
    {
        routes.MapOpenApi("/openapi/{documentName}.json").WithMetadata(metadata);
        routes.MapScalarApiReference("/docs", scalar => scalar
            .WithTitle(Title)
            .WithOpenApiRoutePattern("/openapi/{documentName}.json")
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools())
            .WithMetadata(metadata);
    }

    private static void AddParameters(OpenApiOperation operation, IEnumerable<ParameterDocs> parameters)
    {
        foreach (var parameter in parameters)
        {
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.InHeader ? ParameterLocation.Header : ParameterLocation.Query,
                Description = parameter.Description,
                Schema = new OpenApiSchema { Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String },
            });
        }
    }

    private static void AddBody(OpenApiOperation operation, BodyDocs? body)
    {
        if (body is null)
            return;
        var schema = new OpenApiSchema { Type = JsonSchemaType.Object };
        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Description = body.Description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new() { Schema = schema, Example = JsonNode.Parse(body.Example) },
                ["application/yaml"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        };
    }

    private static async Task<OpenApiSchema> InvalidSchemaAsync(OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var problem = await context.GetOrCreateSchemaAsync(typeof(Microsoft.AspNetCore.Mvc.ProblemDetails), null, cancellationToken);
        var field = await context.GetOrCreateSchemaAsync(typeof(FieldProblem), null, cancellationToken);
        (problem.Properties ??= new Dictionary<string, IOpenApiSchema>())["errors"] = new OpenApiSchema
        {
            Type = JsonSchemaType.Array,
            Description = "Each wrong field and what would be right.",
            Items = field,
        };
        return problem;
    }

    [GeneratedRegex("^(/[A-Za-z0-9._-]{1,64}){1,8}$")]
    private static partial Regex Prefix();
}
