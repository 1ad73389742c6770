using System.Globalization;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;
using Microsoft.AspNetCore.Components;

namespace HealthTrack.Dashboard.Ui.Services;

/// <summary>One service, live: how it is, its numbers, its past, its checks, and what was said about it.</summary>
public sealed partial class ServicePage
{
    private FleetStatus _status = null!;
    private FleetRow? _row;
    private bool _known;

    /// <summary>The service's id.</summary>
    [Parameter]
    public long Id { get; set; }

    // There while the first answer is being written, so that it can be a 404.
    [CascadingParameter]
    private HttpContext? Answer { get; set; }

    private string Title => _row?.Service is { } service
        ? $"{(service.Health == "Unhealthy" ? "(!) " : "")}{service.ServiceName} · HealthTrack"
        : "Service · HealthTrack";

    /// <inheritdoc/>
    protected override void Refresh()
    {
        _status = Fleet.Status();
        _row = Fleet.Find(Id);
        _known |= _row is not null;
        if (_row is not null || !_status.Loaded || Answer is not { Response.HasStarted: false } answer)
            return;
        // Set before, it would be taken for a path that nobody knows, and this page would not be written.
        Answer = null;
        answer.Response.OnStarting(() =>
        {
            answer.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        // Another service on the same page.
        if (_row?.Service.Id != Id)
            _known = false;
        Refresh();
    }

    private async Task DeleteAsync()
    {
        if (await Actions.DeleteAsync(Id))
            Navigation.NavigateTo("");
    }

    private static string Seconds(double? seconds) => seconds is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s");

    // Stalled is bad while it is true, the others while they are not.
    private static string ConditionSlug(ConditionRow condition) => (condition.Type, condition.Status) switch
    {
        ("Stalled", "True") => "unhealthy",
        (_, "True") => "healthy",
        ("Stalled" or "Reconciling", _) => "unknown",
        (_, "False") => "unhealthy",
        _ => "unknown",
    };
}
