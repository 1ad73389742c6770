using System.Collections.ObjectModel;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Dashboard.Api;

/// <summary>
/// One service as it is kept: what seldom changes as a row, and what changes with each check in fields that are written over. A row of its own a check would live
/// for ten seconds, just long enough to be taken for one that lives for ever, ten thousand times. Not thread-safe: its owner locks.
/// </summary>
internal sealed class HeldRow
{
    private ServiceRow _lasting;
    private Numbers _numbers;
    private NewestCheck? _check;

    /// <summary>Keeps a service as it is now.</summary>
    /// <param name="service">What it is.</param>
    /// <param name="before">What is kept of it; null where nothing is.</param>
    public HeldRow(ServiceRow service, HeldRow? before)
    {
        _lasting = LastingOf(service, before?._lasting);
        _numbers = new Numbers(service);
        _check = before?._check;
    }

    /// <summary>Of which service.</summary>
    public long Id => _lasting.Id;

    /// <summary>The health that the row says.</summary>
    public string Health => _lasting.Health;

    /// <summary>Takes what the service is now.</summary>
    public void Put(ServiceRow service)
    {
        _lasting = LastingOf(service, _lasting);
        _numbers = new Numbers(service);
    }

    /// <summary>Takes the newest check.</summary>
    /// <returns>False where a newer one is known.</returns>
    public bool Put(CheckRow check)
    {
        if (_check is { } known && known.Timestamp > check.Timestamp)
            return false;
        _check = new NewestCheck(check);
        return true;
    }

    /// <summary>Takes the newest check that another row of the same service knows, where that is newer.</summary>
    public void PutCheckOf(HeldRow other)
    {
        if (other._check is { } check && !(_check?.Timestamp > check.Timestamp))
            _check = check;
    }

    /// <summary>The row as it was sent, with the newest check.</summary>
    public FleetRow ToRow() => new(_numbers.Into(_lasting), _check?.ToRow(_lasting.Id));

    // Without the numbers. What is as it was is the same object as before.
    private static ServiceRow LastingOf(ServiceRow service, ServiceRow? old)
    {
        var name = Same(old?.Name, service.Name);
        var lasting = default(Numbers).Into(service) with
        {
            Name = name,
            ServiceName = service.ServiceName == name ? name : Same(old?.ServiceName, service.ServiceName),
            Url = Same(old?.Url, service.Url),
            Origin = Same(old?.Origin, service.Origin),
            Message = Same(old?.Message, service.Message),
            Conditions = old is not null && old.Conditions.SequenceEqual(service.Conditions) ? old.Conditions : service.Conditions.ToArray(),
            Levels = Same(old?.Levels, service.Levels),
            Labels = service.Labels.Count == 0 ? ReadOnlyDictionary<string, string>.Empty
                : old is not null && old.Labels.Count == service.Labels.Count && !old.Labels.Except(service.Labels).Any() ? old.Labels
                : service.Labels,
        };
        return lasting == old ? old : lasting;
    }

    private static T Same<T>(T? old, T now) => EqualityComparer<T>.Default.Equals(old, now) ? old! : now;

    private readonly struct Numbers(ServiceRow row)
    {
        // No number where there is none: a nullable double is twice as long.
        private readonly double _average = row.AvgResponseTimeMs ?? double.NaN;
        private readonly double _p95 = row.P95ResponseTimeMs ?? double.NaN;
        private readonly double _p99 = row.P99ResponseTimeMs ?? double.NaN;
        private readonly double _errors = row.ErrorRatePercent ?? double.NaN;
        private readonly double _uptime = row.UptimePercent24h ?? double.NaN;
        private readonly double _rate = row.RequestRateRpm ?? double.NaN;
        private readonly double _throughput = row.ThroughputRps ?? double.NaN;
        private readonly double _apdex = row.ApdexScore ?? double.NaN;
        private readonly long _checks = row.ChecksCount;
        private readonly long _lastCheck = row.LastCheckTimestamp?.UtcTicks ?? 0;

        public ServiceRow Into(ServiceRow row) => row with
        {
            AvgResponseTimeMs = Number(_average),
            P95ResponseTimeMs = Number(_p95),
            P99ResponseTimeMs = Number(_p99),
            ErrorRatePercent = Number(_errors),
            UptimePercent24h = Number(_uptime),
            RequestRateRpm = Number(_rate),
            ThroughputRps = Number(_throughput),
            ApdexScore = Number(_apdex),
            ChecksCount = _checks,
            LastCheckTimestamp = _lastCheck == 0 ? null : new DateTimeOffset(_lastCheck, TimeSpan.Zero),
        };

        private static double? Number(double value) => double.IsNaN(value) ? null : value;
    }

    private readonly struct NewestCheck(CheckRow row)
    {
        private readonly long _id = row.Id;
        private readonly long _startedAt = row.StartedAt.UtcTicks;
        private readonly string _status = row.Status;
        private readonly double _responseTimeMs = row.ResponseTimeMs;
        private readonly int? _statusCode = row.StatusCode;
        private readonly string _location = row.Location;
        private readonly string _kind = row.Kind;
        private readonly string? _error = row.Error;
        private readonly long _timestamp = row.Timestamp.UtcTicks;

        public DateTimeOffset Timestamp => new(_timestamp, TimeSpan.Zero);

        public CheckRow ToRow(long service) => new()
        {
            Id = _id,
            ServiceId = service,
            Timestamp = Timestamp,
            StartedAt = new DateTimeOffset(_startedAt, TimeSpan.Zero),
            Status = _status,
            ResponseTimeMs = _responseTimeMs,
            StatusCode = _statusCode,
            Location = _location,
            Kind = _kind,
            Error = _error,
        };
    }
}
