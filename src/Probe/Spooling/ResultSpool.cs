using System.Buffers.Binary;
using HealthTrack.Core.Ports;
using Microsoft.Win32.SafeHandles;

namespace HealthTrack.Probe.Spooling;

/// <summary>Where a batch stands in a spool.</summary>
/// <param name="Segment">The number of the file.</param>
/// <param name="Offset">Where its record begins.</param>
internal readonly record struct SpoolPosition(long Segment, long Offset);

/// <summary>A batch that an earlier run left behind.</summary>
/// <param name="Sequence">Its number.</param>
/// <param name="Count">Results in it.</param>
/// <param name="At">Where it stands.</param>
internal readonly record struct SpooledBatch(long Sequence, int Count, SpoolPosition At);

/// <summary>
/// Results in files, for what memory cannot keep: beyond its bound, and beyond the life of the process. A folder of segments that are only appended to and
/// removed once all they hold is acknowledged. Each run begins a new segment, so an end that a crash left unfinished is read over and never written over.
/// It is not synchronised to the disk for each batch: what was written survives the process, not the machine.
/// </summary>
internal sealed class ResultSpool : IDisposable
{
    private const int LargestSegment = 16 * 1024 * 1024;
    private const int SmallestSegment = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly string _worker;
    private readonly long _limit;
    private readonly long _segmentSize;
    private readonly FileStream _ownership;
    private readonly SortedDictionary<long, Segment> _segments = [];
    private Segment? _active;
    private SafeFileHandle? _file;
    private long _lastSegment;
    private long _acknowledged;
    private long _bytes;

    private ResultSpool(string folder, long limit, string worker, FileStream ownership)
    {
        _folder = folder;
        _limit = limit;
        _worker = worker;
        _ownership = ownership;
        _segmentSize = Math.Clamp(limit / 8, SmallestSegment, LargestSegment);
    }

    /// <summary>What earlier runs left unacknowledged, oldest first.</summary>
    public IReadOnlyList<SpooledBatch> Recovered { get; private set; } = [];

    /// <summary>The newest sequence that an earlier run is known to have used; 0 for none.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Bytes at the end of files, or after damage, that could not be read when it was opened.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Bytes in all files. Asks no disk, and waits for none.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Opens a folder, making it where it is missing, and reads what is in it.</summary>
    /// <param name="folder">For this worker alone.</param>
    /// <param name="limit">Bytes that its files may take.</param>
    /// <param name="worker">The worker that read results are of.</param>
    /// <exception cref="SpoolRefusedException">It cannot be used.</exception>
    public static ResultSpool Open(string folder, long limit, string worker)
    {
        FileStream? ownership = null;
        try
        {
            Directory.CreateDirectory(folder);
            ownership = new FileStream(Path.Combine(folder, "spool.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var spool = new ResultSpool(folder, limit, worker, ownership);
            spool.Recover();
            return spool;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ownership?.Dispose();
            var problem = ownership is null && File.Exists(Path.Combine(folder, "spool.lock")) && e is not UnauthorizedAccessException
                ? $"The spool {folder} is in use: another worker has it open. Give each worker a folder of its own with --spool."
                : $"The spool {folder} cannot be used: {e.Message} Choose a folder that this user may write to with --spool.";
            throw new SpoolRefusedException(problem, e);
        }
    }

    /// <summary>Writes a batch.</summary>
    /// <exception cref="IOException">The disk is full, or cannot be written: nothing was added, and a later attempt may succeed.</exception>
    public SpoolPosition Append(ResultBatch batch)
    {
        var record = SpoolSegment.Frame(SpoolRecordKind.Batch, SpoolCodec.Write(batch));
        lock (_gate)
        {
            var position = Write(record);
            _active!.Waiting.Enqueue(batch.Sequence);
            return position;
        }
    }

    /// <summary>Reads a batch.</summary>
    /// <returns>Null where it is not there any more, or is damaged.</returns>
    /// <exception cref="SpoolUnreadableException">The disk cannot be read now: a later attempt may succeed.</exception>
    public ResultBatch? Read(SpoolPosition at)
    {
        try
        {
            using var file = File.OpenHandle(PathOf(at.Segment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var frame = new byte[SpoolSegment.FrameSize];
            if (RandomAccess.Read(file, frame, at.Offset) < frame.Length)
                return null;
            var length = BinaryPrimitives.ReadInt32LittleEndian(frame);
            if (length is < 0 or > SpoolSegment.MaxPayload)
                return null;
            var record = new byte[SpoolSegment.FrameSize + length];
            var read = RandomAccess.Read(file, record, at.Offset);
            return SpoolSegment.TryRead(record.AsSpan(0, read), out var kind, out var payload) > 0 && kind == SpoolRecordKind.Batch
                ? SpoolCodec.Read(payload, _worker)
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SpoolUnreadableException(e);
        }
    }

    /// <summary>Forgets what is acknowledged: files that hold nothing else go away.</summary>
    /// <exception cref="IOException">It could not be noted; what is sent again after a restart changes nothing.</exception>
    public void Acknowledge(long upTo)
    {
        lock (_gate)
        {
            if (upTo <= _acknowledged)
                return;
            _acknowledged = upTo;
            foreach (var segment in _segments.Values)
                while (segment.Waiting.TryPeek(out var sequence) && sequence <= upTo)
                    segment.Waiting.Dequeue();
            // A file in which nothing waits is left for a new one, whose first record is the acknowledgement.
            if (_active is { Waiting.Count: 0, Length: > SmallestSegment })
                CloseActive();
            if (_active is null)
                Begin();
            else
                Write(Acknowledgement());
            foreach (var done in _segments.Values.Where(s => s.Waiting.Count == 0 && s != _active).ToList())
                Remove(done);
        }
    }

    /// <summary>Removes the oldest files while all of them take more than they may.</summary>
    /// <returns>The files removed.</returns>
    public IReadOnlyList<long> TakeOverflow()
    {
        var removed = new List<long>();
        lock (_gate)
        {
            while (_bytes > _limit && _segments.Count > 1)
            {
                var oldest = _segments.Values.First();
                Remove(oldest);
                removed.Add(oldest.Id);
            }
        }
        return removed;
    }

    /// <summary>What was written is on the disk.</summary>
    /// <exception cref="IOException">It is not.</exception>
    public void Synchronise()
    {
        lock (_gate)
            if (_file is not null)
                RandomAccess.FlushToDisk(_file);
    }

    public void Dispose()
    {
        lock (_gate)
            CloseActive();
        _ownership.Dispose();
    }

    private void Recover()
    {
        var batches = new List<SpooledBatch>();
        foreach (var (id, file) in SpoolFiles.In(_folder))
        {
            _lastSegment = Math.Max(_lastSegment, id);
            var found = SpoolFiles.Scan(file, id);
            _segments[id] = new Segment(id, file.Length);
            _bytes += file.Length;
            Unreadable += found.Unreadable;
            _acknowledged = Math.Max(_acknowledged, found.Acknowledged);
            foreach (var batch in found.Batches.Where(b => b.Sequence > LastSequence))
            {
                LastSequence = batch.Sequence;
                batches.Add(batch);
            }
        }
        LastSequence = Math.Max(LastSequence, _acknowledged);
        Recovered = [.. batches.Where(b => b.Sequence > _acknowledged)];
        foreach (var batch in Recovered)
            _segments[batch.At.Segment].Waiting.Enqueue(batch.Sequence);
    }

    private SpoolPosition Write(byte[] record)
    {
        if (_active?.Length >= _segmentSize)
            CloseActive();
        if (_active is null)
            Begin();
        var position = new SpoolPosition(_active!.Id, _active.Length);
        Put(record);
        return position;
    }

    private void Begin()
    {
        var id = ++_lastSegment;
        try
        {
            _file = File.OpenHandle(PathOf(id), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        _active = new Segment(id, 0);
        _segments[id] = _active;
        Put([.. SpoolSegment.Header, .. Acknowledgement()]);
    }

    private void Put(byte[] bytes)
    {
        try
        {
            RandomAccess.Write(_file!, bytes, _active!.Length);
            _active.Length += bytes.Length;
            Interlocked.Add(ref _bytes, bytes.Length);
        }
        catch
        {
            // Its end is unfinished now: what comes next goes into another file.
            var failed = _active!;
            CloseActive();
            if (failed.Length == 0)
                Remove(failed);
            throw;
        }
    }

    private byte[] Acknowledgement()
    {
        var sequence = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(sequence, _acknowledged);
        return SpoolSegment.Frame(SpoolRecordKind.Acknowledged, sequence);
    }

    private void CloseActive()
    {
        _file?.Dispose();
        _file = null;
        _active = null;
    }

    private void Remove(Segment segment)
    {
        try
        {
            File.Delete(PathOf(segment.Id));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        _segments.Remove(segment.Id);
        Interlocked.Add(ref _bytes, -segment.Length);
    }

    private string PathOf(long segment) => Path.Combine(_folder, SpoolFiles.Name(segment));

    private sealed class Segment(long id, long length)
    {
        public long Id { get; } = id;

        public long Length { get; set; } = length;

        /// <summary>Sequences that are not acknowledged.</summary>
        public Queue<long> Waiting { get; } = new();
    }
}
