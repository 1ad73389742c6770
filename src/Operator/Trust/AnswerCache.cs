using System.Diagnostics.CodeAnalysis;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Trust;

/// <summary>
/// Keeps answers of the API server for some seconds, the ones used last, and asks once where many want to know the same at once. Each yes and each no
/// has a place of its own kind, so that a flood of wrong credentials pushes no good one out. Thread-safe.
/// </summary>
/// <param name="most">How many of either kind are kept.</param>
/// <param name="isYes">Tells them apart.</param>
/// <param name="time">The clock.</param>
internal sealed class AnswerCache<T>(int most, Func<T, bool> isYes, TimeProvider time)
    where T : class
{
    private static readonly TimeSpan KeepYes = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepNo = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly BoundedMemory<string, Kept> _yes = new(most);
    private readonly BoundedMemory<string, Kept> _no = new(most);
    private readonly Dictionary<string, Task<T>> _asking = new(StringComparer.Ordinal);

    /// <summary>The answer: kept, or asked for.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="ask">Asks, within a time limit of its own: it is not cancelled when one of several who wait goes.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<T> GetAsync(string key, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        Task<T> asking;
        lock (_gate)
        {
            if (_yes.Find(key) is { } yes && time.GetElapsedTime(yes.Since) < KeepYes)
                return yes.Answer;
            if (_no.Find(key) is { } no && time.GetElapsedTime(no.Since) < KeepNo)
                return no.Answer;
            if (!_asking.TryGetValue(key, out asking!))
                _asking[key] = asking = AskAsync(key, ask);
        }
        return await asking.WaitAsync(cancellationToken);
    }

    /// <summary>The last answer, where it was yes, however old; for when nobody can be asked.</summary>
    /// <param name="key">What was asked.</param>
    /// <param name="age">How old it is.</param>
    /// <param name="answer">It.</param>
    public bool TryGetLastYes(string key, out TimeSpan age, [NotNullWhen(true)] out T? answer)
    {
        lock (_gate)
        {
            var kept = _yes.Find(key);
            age = kept is null ? default : time.GetElapsedTime(kept.Since);
            answer = kept?.Answer;
            return kept is not null;
        }
    }

    private async Task<T> AskAsync(string key, Func<Task<T>> ask)
    {
        // Off the gate that the caller holds.
        await Task.Yield();
        try
        {
            var answer = await ask();
            var (kept, other) = isYes(answer) ? (_yes, _no) : (_no, _yes);
            lock (_gate)
            {
                kept.Remember(key, new Kept(answer, time.GetTimestamp()));
                other.Forget(key);
            }
            return answer;
        }
        finally
        {
            lock (_gate)
                _asking.Remove(key);
        }
    }

    private sealed record Kept(T Answer, long Since);
}
