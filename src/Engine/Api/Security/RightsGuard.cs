using System.Globalization;
using HealthTrack.Engine.Api.Http;
using HealthTrack.Engine.Results;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Security;

/// <summary>Asks whether the caller may do what the endpoint stands for.</summary>
internal sealed class RightsGuard(RequestDelegate next, Fleet fleet)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var access = CallerGuard.AccessOf(context);
        if (access.Class == AccessClass.Open)
        {
            await next(context);
            return;
        }
        var caller = ApiCaller.Of(context);
        if (ActionOf(context, access) is { } action)
            await caller.RequireAsync(action, context.RequestAborted);
        if (access.Scope == AccessScope.Named)
            context.Response.OnStarting(() => MustHaveAskedAsync(context, caller));
        await next(context);
    }

    // An endpoint that answers without having asked would let everybody do it: its answer does not go out.
    private static Task MustHaveAskedAsync(HttpContext context, ApiCaller caller) => caller.Asked || context.Response.StatusCode >= 400
        ? Task.CompletedTask
        : throw new InvalidOperationException($"{context.GetEndpoint()?.DisplayName} did not ask whether its caller may.");

    private ApiAction? ActionOf(HttpContext context, Access access)
    {
        switch (access.Scope)
        {
            case AccessScope.Service:
                var id = long.Parse((string)context.Request.RouteValues["id"]!, CultureInfo.InvariantCulture);
                var key = fleet.Existing(id).Key;
                // Kubernetes never asks for the right to list by name.
                return new ApiAction(access.Verb, key.Namespace, access.Class == AccessClass.Read ? null : key.Name);
            case AccessScope.NamespaceAsked:
                return new ApiAction(access.Verb, context.Request.Query.Text("namespace"));
            case AccessScope.Everything:
                return new ApiAction(access.Verb, null);
            default:
                return null;
        }
    }
}
