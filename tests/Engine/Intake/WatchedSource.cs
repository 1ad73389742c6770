using System.Collections.Immutable;
using HealthTrack.Core.Monitors;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Intake;
using Microsoft.Extensions.Logging.Abstractions;

namespace HealthTrack.Engine.Tests.Intake;

/// <summary>A source under watch: what it said, and what follows from it.</summary>
internal sealed class WatchedSource : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private ImmutableList<MonitorEvent> _events = [];

    public WatchedSource(string folder)
    {
        Source = new DirectoryMonitorSource(folder, TimeProvider.System, NullLogger<DirectoryMonitorSource>.Instance);
        _watching = Task.Run(WatchAsync, CancellationToken.None);
    }

    public DirectoryMonitorSource Source { get; }

    public ImmutableList<MonitorEvent> Events => Volatile.Read(ref _events);

    public bool Synced => Events.Any(e => e is MonitorsSynced);

    /// <summary>What a reader of the events takes for declared.</summary>
    public IReadOnlyDictionary<string, MonitorDeclaration> Declared
    {
        get
        {
            var declared = new Dictionary<string, MonitorDeclaration>();
            foreach (var said in Events)
            {
                if (said is MonitorDeclared { Declaration: var declaration })
                    declared[declaration.Key.ToString()] = declaration;
                else if (said is MonitorRemoved removed)
                    Assert.True(declared.Remove(removed.Key.ToString()), $"{removed.Key} was removed without having been declared");
            }

            return declared;
        }
    }

    public Task UntilAsync(Func<IReadOnlyDictionary<string, MonitorDeclaration>, bool> condition, string what) =>
        Eventually.True(
            () =>
            {
                if (_watching.IsFaulted)
                    _watching.GetAwaiter().GetResult();
                return condition(Declared);
            },
            what,
            TestContext.Current.CancellationToken);

    public Task UntilSyncedAsync() => UntilAsync(_ => Synced, "the source says that it is synced");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _watching);
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        await foreach (var said in Source.WatchAsync(_stop.Token))
            Volatile.Write(ref _events, Events.Add(said));
    }
}
