using System.Runtime.CompilerServices;
using System.Threading.Channels;
using HealthTrack.Contracts.V1Alpha1;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Standalone.Demo;

/// <summary>Monitors that live as long as the process: the demo's, and what its user adds. Thread-safe.</summary>
internal sealed class MemoryMonitors : IMonitorSource, IMonitorWriter
{
    private const string Origin = "demo";

    private readonly Lock _gate = new();
    private readonly Dictionary<MonitorKey, MonitorDeclaration> _declared = [];
    private readonly List<MonitorKey> _order = [];
    private readonly List<ChannelWriter<MonitorEvent>> _watchers = [];

    /// <summary>Declares the monitors of <paramref name="manifests"/>, valid ones.</summary>
    public MemoryMonitors(IEnumerable<string> manifests)
    {
        foreach (var declaration in manifests.SelectMany(m => ManifestReader.Read(m, Origin)).Select(Declare))
        {
            _declared[declaration.Key] = declaration;
            _order.Add(declaration.Key);
        }
    }

    /// <summary>Whether a monitor of this name is declared here.</summary>
    public bool Declares(MonitorKey key)
    {
        lock (_gate)
            return _declared.ContainsKey(key);
    }

    /// <inheritdoc/>
    public string DefaultNamespace => "default";

    /// <inheritdoc/>
    public async IAsyncEnumerable<MonitorEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateUnbounded<MonitorEvent>();
        lock (_gate)
        {
            foreach (var key in _order)
                channel.Writer.TryWrite(new MonitorDeclared(_declared[key]));
            channel.Writer.TryWrite(new MonitorsSynced());
            _watchers.Add(channel.Writer);
        }
        await foreach (var change in channel.Reader.ReadAllAsync(cancellationToken))
            yield return change;
    }

    /// <inheritdoc/>
    public Task CreateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken) => Write(key, manifest, exists: false);

    /// <inheritdoc/>
    public Task UpdateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken) => Write(key, manifest, exists: true);

    /// <inheritdoc/>
    public Task DeleteAsync(MonitorKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_declared.Remove(key, out var declaration))
                throw new MonitorWriteException(MonitorWriteProblem.NotFound, $"There is no monitor {key}.");
            _order.Remove(key);
            Tell(new MonitorRemoved(key, declaration.Uid));
        }
        return Task.CompletedTask;
    }

    private Task Write(MonitorKey key, string manifest, bool exists)
    {
        var declaration = Declare(ManifestReader.Read(manifest, Origin).Single());
        lock (_gate)
        {
            if (_declared.ContainsKey(key) != exists)
            {
                throw exists
                    ? new MonitorWriteException(MonitorWriteProblem.NotFound, $"There is no monitor {key}.")
                    : new MonitorWriteException(MonitorWriteProblem.AlreadyExists, $"A monitor {key} exists already.");
            }
            if (!exists)
                _order.Add(key);
            _declared[key] = declaration;
            Tell(new MonitorDeclared(declaration));
        }
        return Task.CompletedTask;
    }

    private void Tell(MonitorEvent change)
    {
        foreach (var watcher in _watchers)
            watcher.TryWrite(change);
    }

    private static MonitorDeclaration Declare(ManifestDocument document) =>
        MonitorDeclarations.From(document, MonitorUid.For(document.Key!.Value), Origin);
}
