using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>
/// The services as the API last told of them, one for the whole process. <see cref="FleetStream"/> writes, pages read; both from any thread.
/// Rows are immutable and looked up one by one, so a page over ten thousand services holds ids and touches only the rows in sight.
/// </summary>
internal sealed class Fleet(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, FleetRow> rows = [];
    private readonly Dictionary<string, int> healths = new(StringComparer.Ordinal);
    private TaskCompletionSource changed = NewSignal();
    private LinkState link = LinkState.Connecting;
    private DateTimeOffset? updatedAt;
    private long version;
    private long membership;

    /// <summary>The fleet as a whole, now.</summary>
    public FleetStatus Status()
    {
        lock (gate)
            return new FleetStatus(version, membership, rows.Count, new Dictionary<string, int>(healths), link, updatedAt);
    }

    /// <summary>All rows now, in no order.</summary>
    public FleetRow[] Rows()
    {
        lock (gate)
            return [.. rows.Values];
    }

    /// <summary>One row now; null where the service is gone.</summary>
    public FleetRow? Find(long id)
    {
        lock (gate)
            return rows.GetValueOrDefault(id);
    }

    /// <summary>Completes when the fleet is, or already was, newer than <paramref name="seen"/>.</summary>
    public Task ChangedAsync(long seen, CancellationToken stop)
    {
        lock (gate)
            return version > seen ? Task.CompletedTask : changed.Task.WaitAsync(stop);
    }

    /// <summary>All services, loaded afresh: those that are not among them are gone. Checks heard of before are kept.</summary>
    public void Load(IEnumerable<ServiceRow> services)
    {
        lock (gate)
        {
            var old = new Dictionary<long, FleetRow>(rows);
            rows.Clear();
            healths.Clear();
            foreach (var service in services)
                Set(new FleetRow(service, old.GetValueOrDefault(service.Id)?.LastCheck));
            membership++;
            link = LinkState.Live;
            Heard();
        }
    }

    /// <summary>A service came or changed.</summary>
    public void Put(ServiceRow service)
    {
        lock (gate)
        {
            Set(new FleetRow(service, rows.GetValueOrDefault(service.Id)?.LastCheck));
            Heard();
        }
    }

    /// <summary>A check was made. One older than the newest known, or of a service that is not there, is left out.</summary>
    public void Put(CheckRow check)
    {
        lock (gate)
        {
            if (!rows.TryGetValue(check.ServiceId, out var row) || row.LastCheck?.Timestamp > check.Timestamp)
                return;
            rows[check.ServiceId] = row with { LastCheck = check };
            Heard();
        }
    }

    /// <summary>A service went.</summary>
    public void Remove(long id)
    {
        lock (gate)
        {
            if (!rows.Remove(id, out var row))
                return;
            Count(row.Service.Health, -1);
            membership++;
            Heard();
        }
    }

    /// <summary>Updates arrive again, from where they broke off.</summary>
    public void Live()
    {
        lock (gate)
        {
            link = LinkState.Live;
            Tell();
        }
    }

    /// <summary>No updates arrive any more; the rows stay, as what was last known.</summary>
    public void Away()
    {
        lock (gate)
        {
            if (link == LinkState.Away)
                return;
            link = LinkState.Away;
            Tell();
        }
    }

    private void Set(FleetRow row)
    {
        if (rows.TryGetValue(row.Service.Id, out var old))
            Count(old.Service.Health, -1);
        else
            membership++;
        Count(row.Service.Health, 1);
        rows[row.Service.Id] = row;
    }

    private void Count(string health, int change) => healths[health] = healths.GetValueOrDefault(health) + change;

    private void Heard()
    {
        updatedAt = time.GetUtcNow();
        Tell();
    }

    private void Tell()
    {
        version++;
        var told = changed;
        changed = NewSignal();
        told.TrySetResult();
    }

    // Continuations must not run under the lock.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
