using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>Manifests in memory: a source and a writer in one, as the folder is.</summary>
internal sealed class MonitorBoard : IMonitorSource, IMonitorWriter
{
    private readonly Channel<MonitorEvent> _events = Channel.CreateUnbounded<MonitorEvent>();
    private readonly ConcurrentDictionary<MonitorKey, string> _manifests = new();

    /// <summary>What the writer says no with; null where it takes every change.</summary>
    public MonitorWriteException? Refusal { get; set; }

    /// <summary>False: the writer takes changes, and the source never says them.</summary>
    public bool Tells { get; set; } = true;

    /// <summary>False: the source does not say that all that existed has been said.</summary>
    public bool Syncs { get; init; } = true;

    public string DefaultNamespace => "default";

    public string? Manifest(MonitorKey key) => _manifests.GetValueOrDefault(key);

    /// <summary>Declares manifests by hand: YAML or JSON.</summary>
    public void Put(string text)
    {
        foreach (var document in ManifestReader.Read(text, "board.yaml"))
        {
            var key = document.Key ?? throw new InvalidOperationException(string.Join("; ", document.Errors));
            _manifests[key] = document.Manifest;
            Say(new MonitorDeclared(MonitorDeclarations.From(document, MonitorUid.For(key), "board.yaml")));
        }
    }

    public void Take(MonitorKey key)
    {
        _manifests.TryRemove(key, out _);
        Say(new MonitorRemoved(key, MonitorUid.For(key)));
    }

    public async IAsyncEnumerable<MonitorEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Syncs)
        {
            while (_events.Reader.TryRead(out var existing))
                yield return existing;
            yield return new MonitorsSynced();
        }
        await foreach (var change in _events.Reader.ReadAllAsync(cancellationToken))
            yield return change;
    }

    public Task CreateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken)
    {
        Check();
        if (_manifests.ContainsKey(key))
            throw new MonitorWriteException(MonitorWriteProblem.AlreadyExists, $"Monitor {key} exists already.");
        Put(manifest);
        return Task.CompletedTask;
    }

    public Task UpdateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken)
    {
        Check();
        Put(manifest);
        return Task.CompletedTask;
    }

    public Task DeleteAsync(MonitorKey key, CancellationToken cancellationToken)
    {
        Check();
        Take(key);
        return Task.CompletedTask;
    }

    private void Check()
    {
        if (Refusal is { } refusal)
            throw refusal;
    }

    private void Say(MonitorEvent change)
    {
        if (Tells)
            _events.Writer.TryWrite(change);
    }
}
