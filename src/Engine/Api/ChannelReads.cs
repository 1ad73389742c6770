using HealthTrack.Contracts.Api;
using HealthTrack.Core.Alerts;
using HealthTrack.Core.Ports;
using HealthTrack.Core.Sre;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Api.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HealthTrack.Engine.Api;

/// <summary>The channels that tell of alerts.</summary>
internal static class ChannelReads
{
    /// <summary>Those that are declared, right or wrong, by namespace and name; of namespaces whose channels the caller may list.</summary>
    public static async Task<Ok<List<ChannelRow>>> List(
        HttpContext context, IChannelDirectory directory, ChannelWatch watch, CancellationToken cancellationToken)
    {
        var wrong = directory.Wrong;
        var channels = directory.Channels.ToDictionary(c => c.Key);
        var declared = channels.Keys.Union(wrong.Keys).ToList();
        // The operator's own are among them, also where it watches other namespaces for monitors: no right on those says anything of it.
        var listable = await ApiCaller.Of(context).ListableAsync("notificationchannels", declared.Select(k => k.Namespace), cancellationToken);
        return TypedResults.Ok(declared.Where(k => listable.Contains(k.Namespace))
            .OrderBy(k => k.Namespace, StringComparer.Ordinal).ThenBy(k => k.Name, StringComparer.Ordinal)
            .Select(k => Row(k, channels.GetValueOrDefault(k), wrong.GetValueOrDefault(k), directory, watch))
            .ToList());
    }

    private static ChannelRow Row(ChannelKey key, NotificationChannel? channel, string? wrong, IChannelDirectory directory, ChannelWatch watch)
    {
        var problem = wrong is not null ? new ChannelProblem(HealthReasons.InvalidSpec, wrong) : watch.ProblemOf(channel!);
        return new()
        {
            Namespace = key.Namespace,
            Name = key.Name,
            Type = channel?.Type,
            MinSeverity = channel is null ? null : AlertNames.Of(channel.MinSeverity),
            SendResolved = channel?.SendResolved,
            Default = channel?.IsDefault,
            Ready = problem is null,
            Reason = problem?.Reason,
            Message = problem?.Message,
            LastDelivery = directory.LastDelivery(key) is { } last
                ? new(DateTimeOffset.FromUnixTimeMilliseconds(last.At), last.Error is null ? "arrived" : "failed", last.Error)
                : null,
        };
    }
}
