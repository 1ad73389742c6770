using HealthTrack.Core.Monitors;

namespace HealthTrack.Core.Ports;

/// <summary>Changes what is declared. The change takes effect when the <see cref="IMonitorSource"/> says it.</summary>
public interface IMonitorWriter
{
    /// <summary>The namespace of a monitor that names none.</summary>
    string DefaultNamespace { get; }

    /// <summary>Declares a monitor that does not exist yet.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="manifest">A whole, validated ServiceMonitor as JSON.</param>
    /// <param name="cancellationToken">Gives up waiting; the change may have been made.</param>
    /// <exception cref="MonitorWriteException">It exists, or may not be written.</exception>
    Task CreateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken);

    /// <summary>Replaces the declaration of a monitor that exists.</summary>
    /// <inheritdoc cref="CreateAsync"/>
    Task UpdateAsync(MonitorKey key, string manifest, CancellationToken cancellationToken);

    /// <summary>Takes a declaration back.</summary>
    /// <inheritdoc cref="CreateAsync"/>
    Task DeleteAsync(MonitorKey key, CancellationToken cancellationToken);
}

/// <summary>Why a declaration could not be changed.</summary>
public enum MonitorWriteProblem
{
    /// <summary>A monitor of this name exists already.</summary>
    AlreadyExists,

    /// <summary>No monitor of this name exists.</summary>
    NotFound,

    /// <summary>It was declared by somebody else and is changed there: the message names the place.</summary>
    NotOurs,

    /// <summary>The place may not be written.</summary>
    Forbidden,

    /// <summary>The place cannot be reached now: the same may succeed later.</summary>
    Unavailable,
}

/// <summary>A refused change; the message is for the user who asked for it.</summary>
/// <param name="problem">The kind of refusal.</param>
/// <param name="message">What is wrong and what would help, one sentence.</param>
public sealed class MonitorWriteException(MonitorWriteProblem problem, string message) : Exception(message)
{
    /// <summary>The kind of refusal.</summary>
    public MonitorWriteProblem Problem { get; } = problem;
}
