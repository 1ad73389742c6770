using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>How the dashboard stands with the API.</summary>
internal enum LinkState
{
    /// <summary>The services were never loaded.</summary>
    Connecting,

    /// <summary>Updates arrive.</summary>
    Live,

    /// <summary>They do not; what is shown is of <see cref="FleetStatus.UpdatedAt"/>.</summary>
    Away,
}

/// <summary>One service and the newest check that the stream told of.</summary>
/// <param name="Service">The row as the API sent it.</param>
/// <param name="LastCheck">Null until a check came over the stream.</param>
internal sealed record FleetRow(ServiceRow Service, CheckRow? LastCheck);

/// <summary>The fleet as a whole at one moment, without its rows.</summary>
/// <param name="Version">Grows with every change.</param>
/// <param name="Membership">Grows when a service comes or goes.</param>
/// <param name="Services">How many services there are.</param>
/// <param name="Healths">How many of them have which health.</param>
/// <param name="Link">How the dashboard stands with the API.</param>
/// <param name="UpdatedAt">When the API was last heard; null: never.</param>
internal sealed record FleetStatus(
    long Version, long Membership, int Services, IReadOnlyDictionary<string, int> Healths, LinkState Link, DateTimeOffset? UpdatedAt)
{
    /// <summary>True once the services were loaded, be it long ago.</summary>
    public bool Loaded => UpdatedAt is not null;

    /// <summary>How many services have this health.</summary>
    public int Count(string health) => Healths.GetValueOrDefault(health);
}
