using Grpc.Core;

namespace HealthTrack.Engine.Dispatch;

/// <summary>A worker is not let in, or not let go on.</summary>
/// <param name="code">As on the wire.</param>
/// <param name="reason">The value of a metric's label.</param>
/// <param name="message">One sentence for people.</param>
internal sealed class WorkerRefusedException(StatusCode code, string reason, string message) : Exception(message)
{
    /// <summary>As on the wire.</summary>
    public StatusCode Code => code;

    /// <summary>The value of a metric's label.</summary>
    public string Reason => reason;
}
