using System.Diagnostics.CodeAnalysis;
using HealthTrack.Operator.Runtime;

namespace HealthTrack.Operator.Trust;

/// <summary>
/// Keeps answers of the API server for some seconds, the ones used last, and asks once where many want to know the same at once. Thread-safe.
/// </summary>
/// <param name="most">How many answers are kept.</param>
/// <param name="time">The clock.</param>
internal sealed class AnswerCache<T>(int most, TimeProvider time)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly BoundedMemory<string, Kept> _kept = new(most);
    private readonly Dictionary<string, Task<T>> _asking = new(StringComparer.Ordinal);

    /// <summary>The answer: kept, or asked for.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="ask">Asks, within a time limit of its own: it is not cancelled when one of several who wait goes.</param>
    /// <param name="life">How long an answer is kept.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async ValueTask<T> GetAsync(string key, Func<Task<T>> ask, Func<T, TimeSpan> life, CancellationToken cancellationToken)
    {
        Task<T> asking;
        lock (_gate)
        {
            if (_kept.Find(key) is { } kept && time.GetElapsedTime(kept.Since) < life(kept.Answer))
                return kept.Answer;
            if (!_asking.TryGetValue(key, out asking!))
                _asking[key] = asking = AskAsync(key, ask);
        }
        return await asking.WaitAsync(cancellationToken);
    }

    /// <summary>The last answer, however old; for when nobody can be asked.</summary>
    /// <param name="key">What was asked.</param>
    /// <param name="age">How old it is.</param>
    /// <param name="answer">It.</param>
    public bool TryGetLast(string key, out TimeSpan age, [NotNullWhen(true)] out T? answer)
    {
        lock (_gate)
        {
            var kept = _kept.Find(key);
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
            lock (_gate)
                _kept.Remember(key, new Kept(answer, time.GetTimestamp()));
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
