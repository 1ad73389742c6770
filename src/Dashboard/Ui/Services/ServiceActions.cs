using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using HealthTrack.Dashboard.Routing;
using HealthTrack.Dashboard.Ui.Fleets;
using MudBlazor;

namespace HealthTrack.Dashboard.Ui.Services;

/// <summary>What a reader can do with one service, from whichever page; says in a toast what came of it. One a circuit.</summary>
internal sealed class ServiceActions(HealthTrackClient client, Fleet fleet, IDialogService dialogs, ISnackbar toasts, DashboardOptions options)
{
    private readonly HashSet<long> _busy = [];

    /// <summary>Services whose check was just asked for.</summary>
    public IReadOnlySet<long> Busy => _busy;

    /// <summary>Whether anything may be changed at all.</summary>
    public bool CanWrite => options.LoopbackOnly;

    /// <summary>The link to a service's board in Grafana; null where there is no Grafana.</summary>
    public string? GrafanaLink(ServiceRow service) => options.Grafana is null ? null : GrafanaRoute.LinkTo(service.Namespace, service.Name);

    /// <summary>Has it checked now.</summary>
    public async Task RunAsync(long id, CancellationToken stop)
    {
        if (fleet.Find(id)?.Service.ServiceName is not { } name || !_busy.Add(id))
            return;
        try
        {
            var problem = await client.RunAsync(id, stop);
            if (problem is null)
                Say($"Checking {name} now.", Severity.Info);
            else
                Say($"{name} was not checked. {problem.Message}", Severity.Error);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The page went.
        }
        finally
        {
            _busy.Remove(id);
        }
    }

    /// <summary>Asks, and deletes it.</summary>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> DeleteAsync(long id)
    {
        if (fleet.Find(id)?.Service is not { } service)
            return false;
        var parameters = new DialogParameters<DeleteServiceDialog>
        {
            { d => d.ServiceId, id },
            { d => d.ServiceName, service.ServiceName },
            { d => d.Key, $"{service.Namespace}/{service.Name}" },
        };
        var dialog = await dialogs.ShowAsync<DeleteServiceDialog>("Delete the service?", parameters, new DialogOptions { MaxWidth = MaxWidth.ExtraSmall, FullWidth = true });
        if (await dialog.Result is not { Canceled: false })
            return false;
        Say($"Deleted {service.ServiceName}.", Severity.Success);
        return true;
    }

    /// <summary>Says that the reader looks after an alert.</summary>
    /// <returns>Whether the API took it.</returns>
    public async Task<bool> AcknowledgeAsync(AlertRow alert, CancellationToken stop)
    {
        var problem = await client.AcknowledgeAsync(alert.Id, stop);
        Say(problem is null ? "Acknowledged: no reminders until it gets worse." : $"The alert was not acknowledged. {problem.Message}", problem is null ? Severity.Success : Severity.Error);
        return problem is null;
    }

    /// <summary>Shows a toast. Its text is plain, whatever names and messages hold.</summary>
    public void Say(string text, Severity severity) => toasts.Add(text, severity);
}
