using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Engine.Results;

/// <summary>All monitors that are declared now. One writer, the intake; any number of readers.</summary>
internal sealed class Fleet
{
    private readonly ConcurrentDictionary<long, MonitorState> _byId = new();
    private readonly ConcurrentDictionary<MonitorKey, MonitorState> _byKey = new();
    private readonly ConcurrentDictionary<string, MonitorState> _byUid = new();
    private long _version;
    private Ordered? _ordered;

    /// <summary>How many there are.</summary>
    public int Count => _byId.Count;

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<MonitorState> All => _byId.Select(pair => pair.Value);

    /// <summary>All of them by ascending id, as of a moment ago at most; the array is never changed.</summary>
    public IReadOnlyList<MonitorState> ById
    {
        get
        {
            var version = Interlocked.Read(ref _version);
            if (Volatile.Read(ref _ordered) is { } ordered && ordered.Version == version)
                return ordered.States;
            // The version is read first: a change while this sorts makes the next reader sort anew.
            MonitorState[] states = [.. All.OrderBy(s => s.Id)];
            Volatile.Write(ref _ordered, new Ordered(version, states));
            return states;
        }
    }

    /// <summary>Finds one by the API's <c>service_id</c>.</summary>
    public bool TryGet(long id, [NotNullWhen(true)] out MonitorState? state) => _byId.TryGetValue(id, out state);

    /// <summary>Finds one by name.</summary>
    public bool TryGet(MonitorKey key, [NotNullWhen(true)] out MonitorState? state) => _byKey.TryGetValue(key, out state);

    /// <summary>Finds one by UID.</summary>
    public bool TryGet(string uid, [NotNullWhen(true)] out MonitorState? state) => _byUid.TryGetValue(uid, out state);

    /// <summary>Adds a monitor under its id, key and UID.</summary>
    public void Add(MonitorState state)
    {
        _byUid[state.Stored.Uid] = state;
        _byId[state.Id] = state;
        _byKey[state.Key] = state;
        Interlocked.Increment(ref _version);
    }

    /// <summary>Takes a monitor out.</summary>
    public void Remove(MonitorState state)
    {
        _byKey.TryRemove(state.Key, out _);
        _byId.TryRemove(state.Id, out _);
        _byUid.TryRemove(state.Stored.Uid, out _);
        Interlocked.Increment(ref _version);
    }

    private sealed record Ordered(long Version, MonitorState[] States);
}
