using HealthTrack.Dashboard.Api;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace HealthTrack.Dashboard.Ui.Fleets;

/// <summary>The whole fleet, live: counts, search and filters, and a row a service.</summary>
public sealed partial class FleetPage
{
    // Values change at once; rows change places less often, so that one can read and click them, and so that sorting ten thousand costs little.
    private static readonly TimeSpan BetweenOrders = TimeSpan.FromSeconds(2);

    private FleetStatus _status = null!;
    private long[] _ids = [];
    private string[] _namespaces = [];
    private DateTimeOffset _orderedAt;
    private long _orderedMembership = -1;

    // A wall of tabs shows what is wrong before it is opened.
    private string Title => _status.Count("Unhealthy") is > 0 and var down ? $"({down}) Services · HealthTrack" : "Services · HealthTrack";

    private string Shown => View.Filtered ? $"{Figure.Count(_ids.Length)} of {Services(_status.Services)}" : Services(_status.Services);

    /// <inheritdoc/>
    protected override void Refresh()
    {
        _status = Fleet.Status();
        if (_status.Membership != _orderedMembership || Time.GetUtcNow() - _orderedAt >= BetweenOrders)
            Reorder();
    }

    private void Reorder()
    {
        _orderedMembership = _status.Membership;
        _orderedAt = Time.GetUtcNow();
        var rows = Fleet.Rows();
        _ids = View.Order(rows);
        _namespaces = [.. rows.Select(r => r.Service.Namespace).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private void Search(ChangeEventArgs text)
    {
        View.Search(text.Value as string);
        Reorder();
    }

    private void Show(string? health)
    {
        if (health is null)
            View.ShowAll();
        else
            View.Toggle(health);
        Reorder();
    }

    private void ShowNamespace(ChangeEventArgs choice)
    {
        View.ShowNamespace(choice.Value as string);
        Reorder();
    }

    private void SortFromList(ChangeEventArgs choice)
    {
        if (Enum.TryParse<SortColumn>(choice.Value as string, out var column) && column != View.Sort)
            View.SortBy(column);
        Reorder();
    }

    private async Task AddAsync()
    {
        var dialog = await Dialogs.ShowAsync<AddServiceDialog>("Add a service", new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseButton = true });
        if (await dialog.Result is { Canceled: false, Data: string name })
            Actions.Say($"Added {name}. Its first check runs within seconds.", Severity.Success);
    }

    private static string Services(int count) => count == 1 ? "1 service" : $"{Figure.Count(count)} services";

    private static string Pressed(bool pressed) => pressed ? "true" : "false";
}
