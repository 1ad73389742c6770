using Microsoft.AspNetCore.Builder;

namespace HealthTrack.Engine.Api.Security;

/// <summary>What kind of call an endpoint is.</summary>
internal enum AccessClass
{
    /// <summary>Asks for no credential: what probes, Prometheus, badges and jobs call.</summary>
    Open,

    /// <summary>Shows something.</summary>
    Read,

    /// <summary>Changes something, or makes HealthTrack send something somewhere.</summary>
    Write,
}

/// <summary>What an endpoint's access is about: which right is asked for before it runs.</summary>
internal enum AccessScope
{
    /// <summary>Nothing that is monitored: it is enough to be known.</summary>
    Known,

    /// <summary>The service of the route value <c>id</c>.</summary>
    Service,

    /// <summary>The namespace that the query names, else all of them.</summary>
    NamespaceAsked,

    /// <summary>All namespaces.</summary>
    Everything,

    /// <summary>What the request names, or what is found: the endpoint itself asks its <see cref="ApiCaller"/>, and is stopped where it does not.</summary>
    Named,
}

/// <summary>Metadata that every endpoint has exactly once: who may call it. One without is refused to everybody.</summary>
/// <param name="Class">The kind of call.</param>
/// <param name="Scope">What it is about.</param>
/// <param name="Verb">The Kubernetes verb on ServiceMonitors that stands for it.</param>
internal sealed record Access(AccessClass Class, AccessScope Scope, string Verb)
{
    /// <summary>Asks for no credential.</summary>
    public static readonly Access Open = new(AccessClass.Open, AccessScope.Known, "");

    /// <summary>A read of this scope.</summary>
    public static Access Read(AccessScope scope) => new(AccessClass.Read, scope, "list");

    /// <summary>A write of this scope.</summary>
    public static Access Write(AccessScope scope, string verb) => new(AccessClass.Write, scope, verb);
}

/// <summary>Gives endpoints their class.</summary>
internal static class AccessMetadata
{
    /// <summary>Everybody may call it.</summary>
    public static T OpenToAll<T>(this T endpoint)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(Access.Open);

    /// <summary>It shows something of this scope.</summary>
    public static T Reads<T>(this T endpoint, AccessScope scope)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(Access.Read(scope));

    /// <summary>It changes the service of the route, and counts as this verb on it.</summary>
    public static T WritesService<T>(this T endpoint, string verb)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(Access.Write(AccessScope.Service, verb));

    /// <summary>It changes what the request names, and asks <see cref="ApiCaller.RequireAsync"/> for it.</summary>
    public static T WritesNamed<T>(this T endpoint, string verb)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(Access.Write(AccessScope.Named, verb));
}
