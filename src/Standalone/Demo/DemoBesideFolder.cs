using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;

namespace HealthTrack.Standalone.Demo;

/// <summary>The writer of a demo beside a folder: new monitors go to the folder, each other is changed where it is declared.</summary>
internal sealed class DemoBesideFolder(MemoryMonitors demo, IMonitorWriter folder) : IMonitorWriter
{
    /// <inheritdoc/>
    public string DefaultNamespace => folder.DefaultNamespace;

    /// <inheritdoc/>
    public Task CreateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken) =>
        (demo.Declares(key) ? demo : folder).CreateAsync(key, manifest, cancellationToken);

    /// <inheritdoc/>
    public Task UpdateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken) =>
        (demo.Declares(key) ? demo : folder).UpdateAsync(key, manifest, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(MonitorKey key, CancellationToken cancellationToken) =>
        (demo.Declares(key) ? demo : folder).DeleteAsync(key, cancellationToken);
}
