using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.OpenApi;

/// <summary>Metadata: a query parameter or a header that an endpoint reads by itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>string</c> or <c>integer</c>.</param>
/// <param name="Description">What it does, its default and bounds.</param>
/// <param name="InHeader">True: a header.</param>
internal sealed record ParameterDocs(string Name, string Type, string Description, bool InHeader = false);

/// <summary>Metadata: the body that an endpoint reads by itself.</summary>
/// <param name="Description">What it may be.</param>
/// <param name="Example">An example, JSON.</param>
internal sealed record BodyDocs(string Description, string Example);

/// <summary>Says what endpoints do, for people and for the OpenAPI document.</summary>
internal static class EndpointDocs
{
    /// <summary>A name, a summary, and what may go wrong.</summary>
    public static RouteHandlerBuilder Says(this RouteHandlerBuilder endpoint, string name, string summary, params int[] problems)
    {
        endpoint.WithName(name).WithSummary(summary);
        foreach (var status in problems)
            endpoint.ProducesProblem(status);
        return endpoint;
    }

    /// <summary>A query parameter.</summary>
    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, string name, string type, string description) =>
        endpoint.WithMetadata(new ParameterDocs(name, type, description));

    /// <summary>The body.</summary>
    public static RouteHandlerBuilder WithBody(this RouteHandlerBuilder endpoint, string description, string example) =>
        endpoint.WithMetadata(new BodyDocs(description, example));

    /// <summary>An answer that is text of its own kind.</summary>
    public static RouteHandlerBuilder AnswersText(this RouteHandlerBuilder endpoint, string contentType) =>
        endpoint.Produces<string>(StatusCodes.Status200OK, contentType);
}
