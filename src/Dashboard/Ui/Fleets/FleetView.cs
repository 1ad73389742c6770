using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;

namespace HealthTrack.Dashboard.Ui.Fleets;

/// <summary>What the table can be sorted by.</summary>
internal enum SortColumn
{
    /// <summary>What needs a look first; then by name.</summary>
    Health,
    Name,
    AvgLatency,
    P95Latency,
    P99Latency,
    Apdex,
    ErrorRate,
    Uptime,
    /// <summary>Request rate and throughput: the same order, in two units.</summary>
    RequestRate,
    Checks,
    LastCheck,
}

/// <summary>One reader's choice of rows and their order. Not thread-safe: one a circuit.</summary>
internal sealed class FleetView
{
    private string[] _words = [];

    private readonly HashSet<string> _healths = new(StringComparer.Ordinal);

    /// <summary>What the rows are sorted by.</summary>
    public SortColumn Sort { get; private set; } = SortColumn.Health;

    /// <summary>True: greatest first.</summary>
    public bool Descending { get; private set; }

    /// <summary>The healths that are shown; empty: all.</summary>
    public IReadOnlySet<string> Healths => _healths;

    /// <summary>The namespace that is shown; null: all.</summary>
    public string? Namespace { get; private set; }

    /// <summary>True where rows may be hidden.</summary>
    public bool Filtered => _words.Length > 0 || _healths.Count > 0 || Namespace is not null;

    /// <summary>Shows rows that hold every word of <paramref name="text"/> in their names, namespace, target or reason.</summary>
    public void Search(string? text) => _words = (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Shows a health, or hides it again.</summary>
    public void Toggle(string health)
    {
        if (!_healths.Remove(health))
            _healths.Add(health);
    }

    /// <summary>Shows all healths.</summary>
    public void ShowAll() => _healths.Clear();

    /// <summary>Shows one namespace; all where it is null or empty.</summary>
    public void ShowNamespace(string? ns) => Namespace = string.IsNullOrEmpty(ns) ? null : ns;

    /// <summary>Sorts by a column; by the one already chosen: the other way round.</summary>
    public void SortBy(SortColumn column)
    {
        if (Sort == column)
            Descending = !Descending;
        else
            SortBy(column, WorstIsGreatest(column));
    }

    /// <summary>Sorts by a column in a direction.</summary>
    public void SortBy(SortColumn column, bool descending) => (Sort, Descending) = (column, descending);

    /// <summary>The ids of the rows to show, in order. A metric without samples comes last either way; ties go by name.</summary>
    public long[] Order(IEnumerable<FleetRow> rows)
    {
        var shown = rows.Where(Shows).ToArray();
        Array.Sort(shown, Compare);
        return Array.ConvertAll(shown, row => row.Service.Id);
    }

    // The first click on a column shows what is worst.
    private static bool WorstIsGreatest(SortColumn column) => column is not (SortColumn.Health or SortColumn.Name or SortColumn.Apdex or SortColumn.Uptime);

    private bool Shows(FleetRow row)
    {
        var service = row.Service;
        return (_healths.Count == 0 || _healths.Contains(service.Health)) && (Namespace is null || service.Namespace == Namespace) && Array.TrueForAll(_words, word =>
            Holds(service.ServiceName, word) || Holds(service.Name, word) || Holds(service.Namespace, word) || Holds(service.Url, word) || Holds(service.Reason, word));
    }

    private static bool Holds(string? text, string word) => text is not null && text.Contains(word, StringComparison.OrdinalIgnoreCase);

    private int Compare(FleetRow left, FleetRow right)
    {
        var order = Sort switch
        {
            SortColumn.Name => Directed(ByName(left, right)),
            SortColumn.Health => Directed(HealthLook.Urgency(left.Service.Health).CompareTo(HealthLook.Urgency(right.Service.Health))),
            _ => ByMetric(Metric(left.Service), Metric(right.Service)),
        };
        if (order == 0)
            order = ByName(left, right);
        return order != 0 ? order : left.Service.Id.CompareTo(right.Service.Id);
    }

    private static int ByName(FleetRow left, FleetRow right) =>
        string.Compare(left.Service.ServiceName, right.Service.ServiceName, StringComparison.OrdinalIgnoreCase);

    private int Directed(int order) => Descending ? -order : order;

    private int ByMetric(double? left, double? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        _ => Directed(left.Value.CompareTo(right.Value)),
    };

    private double? Metric(ServiceRow row) => Sort switch
    {
        SortColumn.AvgLatency => row.AvgResponseTimeMs,
        SortColumn.P95Latency => row.P95ResponseTimeMs,
        SortColumn.P99Latency => row.P99ResponseTimeMs,
        SortColumn.Apdex => row.ApdexScore,
        SortColumn.ErrorRate => row.ErrorRatePercent,
        SortColumn.Uptime => row.UptimePercent24h,
        SortColumn.RequestRate => row.RequestRateRpm,
        SortColumn.Checks => row.ChecksCount,
        SortColumn.LastCheck => row.LastCheckTimestamp?.ToUnixTimeMilliseconds(),
        _ => null,
    };
}
