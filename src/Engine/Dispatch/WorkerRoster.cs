using Grpc.Core;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Dispatch;

/// <summary>
/// Who is there, who is away for a moment and who is lost. A worker of another process whose stream breaks, or that is silent, keeps its monitors for
/// <see cref="Silence"/> since its last sign of life. Thread-safe.
/// </summary>
internal sealed class WorkerRoster(TimeProvider time, ILogger<WorkerRoster> log)
{
    /// <summary>A worker that gave no sign of life for this long is lost.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(6);

    /// <summary>A worker that another leader knew has this long to come back.</summary>
    public static readonly TimeSpan LeaderGrace = TimeSpan.FromSeconds(10);

    /// <summary>Workers of other processes that are connected at once, and of one pool.</summary>
    public const int MaxWorkers = 1000;
    public const int MaxWorkersOfPool = 500;

    private const int MaxKnown = 5000;

    // Results that are older are refused: what such a worker was given is of no use any more.
    private static readonly TimeSpan RememberLost = TimeSpan.FromDays(1);
    private const long WarnOffset = 2_000;
    private const long WrongOffset = 30_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Worker> _workers = [];
    private readonly Dictionary<string, StoredWorker?> _news = [];

    /// <summary>The streams that are open.</summary>
    public IReadOnlyList<ProbeSession> Sessions
    {
        get
        {
            lock (_gate)
                return [.. _workers.Values.Where(w => w.Session is not null).Select(w => w.Session!)];
        }
    }

    /// <summary>The workers that monitors are placed on.</summary>
    public IReadOnlyList<WorkerPlace> Places
    {
        get
        {
            lock (_gate)
                return [.. _workers.Values.Where(w => w.Placeable).Select(w => new WorkerPlace(w.Id, w.Pool, w.Capacity, w.Secure, w.Session))];
        }
    }

    /// <summary>All that are known, with how they are.</summary>
    public IReadOnlyList<(string Id, string Pool, WorkerState State, ProbeSession? Session)> All
    {
        get
        {
            lock (_gate)
                return [.. _workers.Values.Select(w => (w.Id, w.Pool, w.State, w.Session))];
        }
    }

    /// <summary>Begins a session; one that the same worker had before ends.</summary>
    /// <exception cref="WorkerRefusedException">Its id is taken, or there are too many.</exception>
    public ProbeSession Connect(WorkerHello hello, bool remote, bool secure)
    {
        var session = new ProbeSession(hello, remote, secure);
        lock (_gate)
        {
            _workers.TryGetValue(hello.WorkerId, out var worker);
            if (worker is { IsLost: false } && worker.Pool != hello.Pool)
            {
                throw new WorkerRefusedException(
                    StatusCode.PermissionDenied, "id_in_use", $"A worker of pool {worker.Pool} has the id {hello.WorkerId}: give this one another.");
            }
            if (remote)
                RefuseTooMany(hello, worker);
            worker?.Session?.End(new Status(StatusCode.Aborted, "The same worker has connected again."));
            if (worker is null || worker.Pool != hello.Pool)
                _workers[hello.WorkerId] = worker = new Worker(hello.WorkerId, hello.Pool);
            (worker.Session, worker.Capacity, worker.Secure) = (session, hello.Capacity, secure);
            (worker.SeenAt, worker.Patience, worker.Suspect, worker.IsLost) = (time.GetTimestamp(), Silence, false, false);
            if (remote)
                _news[worker.Id] = new StoredWorker(worker.Id, worker.Pool, worker.Capacity, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        return session;
    }

    /// <summary>A session is over.</summary>
    /// <returns>False where it was not its worker's session any more.</returns>
    public bool Disconnect(ProbeSession session)
    {
        session.End();
        lock (_gate)
        {
            if (!_workers.TryGetValue(session.Hello.WorkerId, out var worker) || worker.Session != session)
                return false;
            worker.Had(session.Held);
            worker.Session = null;
            if (!session.Remote)
                _workers.Remove(worker.Id);
            else if (session.Drained)
                Lose(worker);
            return true;
        }
    }

    /// <summary>Whether the worker of a session was ever given this.</summary>
    public bool EverHad(ProbeSession session, Core.Assignments.AssignmentId id)
    {
        lock (_gate)
            return _workers.TryGetValue(session.Hello.WorkerId, out var worker) && worker.EverHad(id);
    }

    /// <summary>Remembers what a session holds.</summary>
    public void Note(ProbeSession session)
    {
        lock (_gate)
            _workers.GetValueOrDefault(session.Hello.WorkerId)?.Had(session.Held);
    }

    /// <summary>A sign of life.</summary>
    /// <returns>Whether the plan depends on it.</returns>
    public bool HeardFrom(ProbeSession session, WorkerHeartbeat heartbeat)
    {
        lock (_gate)
        {
            if (_workers.TryGetValue(session.Hello.WorkerId, out var worker) && worker.Session == session)
                (worker.SeenAt, worker.Suspect) = (time.GetTimestamp(), false);
        }
        session.LastHeartbeat = heartbeat;
        var offset = heartbeat.Clock - time.GetUtcNow().ToUnixTimeMilliseconds();
        if (Math.Abs(offset) >= WarnOffset && !(Math.Abs(session.ClockOffset ?? 0) >= WarnOffset))
            Log.ClockOff(log, session.Hello.WorkerId, offset);
        session.ClockOffset = offset;
        var skewed = session.Remote && Math.Abs(offset) >= WrongOffset;
        var changed = skewed != session.Skewed;
        session.Skewed = skewed;
        return changed;
    }

    /// <summary>Gives up those that were silent for too long.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Sweep()
    {
        var changed = false;
        lock (_gate)
        {
            foreach (var worker in _workers.Values)
            {
                if (worker.IsLost || worker.Session is { Remote: false } or { Blocked: true } || time.GetElapsedTime(worker.SeenAt) <= worker.Patience)
                    continue;
                // Looked at twice: where this process itself stood still, its workers' signs are yet to be read.
                if (!worker.Suspect)
                {
                    worker.Suspect = true;
                    continue;
                }
                changed = true;
                if (worker.Session is { } session)
                {
                    worker.Had(session.Held);
                    session.End(new Status(StatusCode.DeadlineExceeded, $"No sign of life for {Silence.TotalSeconds} s."));
                }
                Log.WorkerLost(log, worker.Id, worker.Pool);
                Lose(worker);
            }
            foreach (var old in _workers.Values.Where(w => w.IsLost && time.GetElapsedTime(w.SeenAt) > RememberLost).ToList())
                _workers.Remove(old.Id);
            if (_workers.Count > MaxKnown)
            {
                foreach (var old in _workers.Values.Where(w => w.IsLost).OrderBy(w => w.SeenAt).Take(_workers.Count - MaxKnown).ToList())
                    _workers.Remove(old.Id);
            }
        }
        return changed;
    }

    /// <summary>A worker waits for us, or no longer does: what it said meanwhile is yet to be read, so that its silence begins now.</summary>
    public void Block(ProbeSession session, bool blocked)
    {
        lock (_gate)
        {
            session.Blocked = blocked;
            if (!blocked && _workers.TryGetValue(session.Hello.WorkerId, out var worker) && worker.Session == session)
                (worker.SeenAt, worker.Suspect) = (time.GetTimestamp(), false);
        }
    }

    /// <summary>Takes the workers that another leader knew for away.</summary>
    public void Recall(IReadOnlyList<StoredWorker> remembered)
    {
        lock (_gate)
        {
            foreach (var known in remembered)
            {
                _workers.TryAdd(known.Id, new Worker(known.Id, known.Pool)
                {
                    Capacity = known.Capacity,
                    SeenAt = time.GetTimestamp(),
                    Patience = LeaderGrace,
                });
            }
        }
    }

    /// <summary>Ends all sessions.</summary>
    public void EndAll(Status status)
    {
        foreach (var session in Sessions)
            session.End(status);
    }

    /// <summary>What the store is to be told since the last time: a worker that is there, or null for one that is gone.</summary>
    public IReadOnlyDictionary<string, StoredWorker?> TakeNews()
    {
        lock (_gate)
        {
            var news = new Dictionary<string, StoredWorker?>(_news);
            _news.Clear();
            return news;
        }
    }

    /// <summary>The store could not be told: newer news stands.</summary>
    public void GiveBack(IReadOnlyDictionary<string, StoredWorker?> news)
    {
        lock (_gate)
        {
            foreach (var (id, worker) in news)
                _news.TryAdd(id, worker);
        }
    }

    private void Lose(Worker worker)
    {
        (worker.Session, worker.IsLost) = (null, true);
        _news[worker.Id] = null;
    }

    private void RefuseTooMany(WorkerHello hello, Worker? same)
    {
        var others = _workers.Values.Where(w => w != same && w.Session is { Remote: true }).ToList();
        if (others.Count >= MaxWorkers)
            throw new WorkerRefusedException(StatusCode.ResourceExhausted, "too_many_workers", $"{MaxWorkers} workers are connected, which is the limit.");
        if (others.Count(w => w.Pool == hello.Pool) >= MaxWorkersOfPool)
        {
            throw new WorkerRefusedException(
                StatusCode.ResourceExhausted, "too_many_workers", $"{MaxWorkersOfPool} workers of pool {hello.Pool} are connected, which is the limit.");
        }
    }
}

/// <summary>A worker that monitors are placed on.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Pool">Its pool.</param>
/// <param name="Capacity">Its weight.</param>
/// <param name="Secure">Whether secrets may be sent to it.</param>
/// <param name="Session">Its stream; null while it is away.</param>
internal sealed record WorkerPlace(string Id, string Pool, int Capacity, bool Secure, ProbeSession? Session);
