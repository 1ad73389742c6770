using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>
/// The services as the API last told of them, one for the whole process. <see cref="FleetStream"/> writes, pages read; both from any thread.
/// Rows are made when they are looked up, one by one, so a page over ten thousand services holds ids and touches only the rows in sight.
/// </summary>
internal sealed class Fleet(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, HeldRow> _rows = [];
    private readonly Dictionary<string, int> _healths = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = NewSignal();
    private LinkState _link = LinkState.Connecting;
    private DateTimeOffset? _updatedAt;
    private long _version;
    private long _membership;

    /// <summary>The fleet as a whole, now.</summary>
    public FleetStatus Status()
    {
        lock (_gate)
            return new FleetStatus(_version, _membership, _rows.Count, new Dictionary<string, int>(_healths), _link, _updatedAt);
    }

    /// <summary>All rows now, in no order.</summary>
    public FleetRow[] Rows()
    {
        lock (_gate)
            return [.. _rows.Values.Select(row => row.ToRow())];
    }

    /// <summary>One row now; null where the service is gone.</summary>
    public FleetRow? Find(long id)
    {
        lock (_gate)
            return _rows.GetValueOrDefault(id)?.ToRow();
    }

    /// <summary>Completes when the fleet is, or already was, newer than <paramref name="seen"/>.</summary>
    public Task ChangedAsync(long seen, CancellationToken stop)
    {
        lock (_gate)
            return _version > seen ? Task.CompletedTask : _changed.Task.WaitAsync(stop);
    }

    /// <summary>
    /// One of the services of a load that is under way, as it will be kept. Nothing changes until <see cref="Load"/>: the rows of ten thousand services must not pile up
    /// as they were sent until the last is here.
    /// </summary>
    public HeldRow Hold(ServiceRow service)
    {
        lock (_gate)
            return new HeldRow(service, _rows.GetValueOrDefault(service.Id));
    }

    /// <summary>All services, loaded afresh: those that are not among them are gone. Checks heard of before are kept.</summary>
    public void Load(IEnumerable<HeldRow> services)
    {
        lock (_gate)
        {
            var old = new Dictionary<long, HeldRow>(_rows);
            _rows.Clear();
            _healths.Clear();
            foreach (var row in services)
            {
                if (old.TryGetValue(row.Id, out var before))
                    row.PutCheckOf(before);
                Add(row);
            }
            _membership++;
            _link = LinkState.Live;
            Heard();
        }
    }

    /// <summary>A service came or changed.</summary>
    public void Put(ServiceRow service)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(service.Id, out var row))
            {
                Count(row.Health, -1);
                row.Put(service);
                Count(row.Health, 1);
            }
            else
            {
                Add(new HeldRow(service, null));
            }
            Heard();
        }
    }

    /// <summary>A check was made. One older than the newest known, or of a service that is not there, is left out.</summary>
    public void Put(CheckRow check)
    {
        lock (_gate)
        {
            if (!_rows.TryGetValue(check.ServiceId, out var row) || !row.Put(check))
                return;
            Heard();
        }
    }

    /// <summary>A service went.</summary>
    public void Remove(long id)
    {
        lock (_gate)
        {
            if (!_rows.Remove(id, out var row))
                return;
            Count(row.Health, -1);
            _membership++;
            Heard();
        }
    }

    /// <summary>Updates arrive again, from where they broke off.</summary>
    public void Live()
    {
        lock (_gate)
        {
            _link = LinkState.Live;
            Tell();
        }
    }

    /// <summary>No updates arrive any more; the rows stay, as what was last known.</summary>
    public void Away()
    {
        lock (_gate)
        {
            if (_link == LinkState.Away)
                return;
            _link = LinkState.Away;
            Tell();
        }
    }

    private void Add(HeldRow row)
    {
        // The API sends each service once; should it not, the last word counts.
        if (_rows.Remove(row.Id, out var twice))
            Count(twice.Health, -1);
        _rows.Add(row.Id, row);
        Count(row.Health, 1);
        _membership++;
    }

    private void Count(string health, int change) => _healths[health] = _healths.GetValueOrDefault(health) + change;

    private void Heard()
    {
        _updatedAt = time.GetUtcNow();
        Tell();
    }

    private void Tell()
    {
        _version++;
        var told = _changed;
        _changed = NewSignal();
        told.TrySetResult();
    }

    // Continuations must not run under the lock.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
