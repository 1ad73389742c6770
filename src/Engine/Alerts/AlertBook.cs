using HealthTrack.Core.Alerts;

namespace HealthTrack.Engine.Alerts;

/// <summary>The alerts and incidents that are open, as this process knows them. Its owner takes <see cref="Gate"/> around each look and what follows from it.</summary>
internal sealed class AlertBook
{
    private readonly Dictionary<(long Service, AlertSignal Signal), AlertRecord> _alerts = [];
    private readonly Dictionary<long, Incident> _incidents = [];

    /// <summary>Taken around everything that is done with the book.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Those that were to be told while the channels were not known, and were told to nobody: their ids.</summary>
    public HashSet<string> Untold { get; } = [];

    /// <summary>All alerts that are open.</summary>
    public IReadOnlyList<AlertRecord> Open => [.. _alerts.Values];

    /// <summary>The services that have an alert or an incident.</summary>
    public IReadOnlyList<AlertSubject> Subjects => [.. _alerts.Values.Select(a => a.Subject).Concat(_incidents.Values.Select(i => i.Subject)).Distinct()];

    /// <summary>Takes in what the store remembers.</summary>
    public void Load(IEnumerable<AlertRecord> alerts, IEnumerable<Incident> incidents)
    {
        foreach (var alert in alerts)
            _alerts[(alert.Subject.ServiceId, alert.Signal)] = alert;
        foreach (var incident in incidents)
            _incidents[incident.Subject.ServiceId] = incident;
    }

    /// <summary>The alert that is open; null where none is.</summary>
    public AlertRecord? Find(long service, AlertSignal signal) => _alerts.GetValueOrDefault((service, signal));

    /// <summary>The alert of an id, while it is open; else null.</summary>
    public AlertRecord? Find(string id) => _alerts.Values.FirstOrDefault(a => a.Id == id);

    /// <summary>The incident that goes on; null where none does.</summary>
    public Incident? FindIncident(long service) => _incidents.GetValueOrDefault(service);

    /// <summary>Puts an alert in the place of what it was; one that is over goes.</summary>
    public void Put(AlertRecord alert)
    {
        if (alert.IsOpen)
            _alerts[(alert.Subject.ServiceId, alert.Signal)] = alert;
        else
            _alerts.Remove((alert.Subject.ServiceId, alert.Signal));
    }

    /// <summary>Puts an incident in the place of what it was; one that is over goes.</summary>
    public void Put(Incident incident)
    {
        if (incident.EndedAt is null)
            _incidents[incident.Subject.ServiceId] = incident;
        else
            _incidents.Remove(incident.Subject.ServiceId);
    }
}
