using HealthTrack.Engine.Storage;

namespace HealthTrack.Engine.Events;

/// <summary>Where events go.</summary>
internal interface IEventSink
{
    /// <summary>Hands events over, in order for each monitor. One that is never taken, for what it is, is counted and passed over.</summary>
    /// <returns>How many arrived: all but those.</returns>
    /// <exception cref="EventSinkException">Not all of them have arrived: the same ones are to be handed over again.</exception>
    Task<int> PublishAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken);
}

/// <summary>Events could not be handed over, for a reason that may pass.</summary>
/// <param name="message">Why, one line without secrets.</param>
internal sealed class EventSinkException(string message) : Exception(message);
