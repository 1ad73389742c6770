using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using HealthTrack.Contracts.Events;
using HealthTrack.Engine.Storage;
using Microsoft.Extensions.Logging;

namespace HealthTrack.Engine.Events;

/// <summary>
/// Kafka, as CloudEvents 1.0 in binary mode: the attributes are headers (<c>ce_id</c>, <c>ce_type</c>, ...), the data is the value. Keyed by <c>namespace/name</c>, so that
/// what is told of one monitor stays in order.
/// </summary>
internal sealed class KafkaSink : IEventSink, IDisposable
{
    private static readonly byte[] SpecVersion = "1.0"u8.ToArray();
    private static readonly byte[] ContentType = "application/json"u8.ToArray();
    private static readonly TimeSpan Leave = TimeSpan.FromSeconds(5);

    private readonly ProducerConfig _settings;
    private readonly byte[] _source;
    private readonly ILogger<KafkaSink> _log;
    private readonly EventMetrics _metrics;
    private IProducer<byte[], byte[]>? _producer;

    /// <param name="settings">How the producer is set up.</param>
    /// <param name="source">The CloudEvents source: where people find this HealthTrack.</param>
    /// <param name="metrics">Where an event is counted that Kafka never takes.</param>
    /// <param name="log">Where the client's own words go.</param>
    public KafkaSink(ProducerConfig settings, Uri source, EventMetrics metrics, ILogger<KafkaSink> log)
    {
        _settings = settings;
        _source = Encoding.UTF8.GetBytes(source.ToString());
        _metrics = metrics;
        _log = log;
    }

    /// <inheritdoc/>
    public async Task<int> PublishAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return 0;
        var refused = await SendAsync(events, cancellationToken);
        if (refused.Count == 0)
            return events.Count;
        if (events.Count == 1)
        {
            PassOver(refused[0]);
            return 0;
        }
        // A broker refuses a batch as a whole: in smaller ones each is told apart from what it went with.
        var arrived = events.Count - refused.Count;
        var half = Math.Max(1, refused.Count / 2);
        arrived += await PublishAsync([.. refused.Take(half).Select(r => r.Event)], cancellationToken);
        return arrived + await PublishAsync([.. refused.Skip(half).Select(r => r.Event)], cancellationToken);
    }

    private void PassOver(RefusedEvent refused)
    {
        var (happened, error) = refused;
        _metrics.Refused(happened.Topic, error.Code == ErrorCode.MsgSizeTooLarge ? "too_large" : "invalid");
        if (error.Code == ErrorCode.MsgSizeTooLarge)
            Log.TooLarge(_log, happened.Key, happened.Topic, happened.Content.Length);
        else
            Log.Invalid(_log, happened.Key, happened.Topic, error.Reason);
    }

    // Those that were refused for what they are, or went with one that was; all others have arrived.
    private async Task<IReadOnlyList<RefusedEvent>> SendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        var producer = _producer ??= Connect();
        var deliveries = new Deliveries(events.Count);
        foreach (var happened in events)
        {
            try
            {
                producer.Produce(happened.Topic, Message(happened), report => deliveries.Report(happened, report.Error));
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge)
            {
                deliveries.Report(happened, e.Error);
            }
            catch (ProduceException<byte[], byte[]> e)
            {
                // The rest of the batch may still arrive: told again it has the same ids. A client that gave up is replaced, and what it still holds goes with it.
                Discard();
                throw new EventSinkException(e.Error.Reason);
            }
        }
        if (await deliveries.Done.WaitAsync(cancellationToken) is not { } failure)
            return deliveries.Refused;
        if (failure.IsFatal || failure.Code == ErrorCode.Local_MsgTimedOut)
            Discard();
        throw new EventSinkException(failure.Reason);
    }

    private IProducer<byte[], byte[]> Connect()
    {
        try
        {
            return new ProducerBuilder<byte[], byte[]>(_settings)
                .SetLogHandler((_, said) => Log.ClientSaid(_log, said.Facility, said.Message))
                .SetErrorHandler((_, error) => Log.ClientSaid(_log, error.Code.ToString(), error.Reason))
                .Build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
        {
            // A file that the properties name has gone since the start. What librdkafka says of it may have a value in it, which may be a secret.
            throw new EventSinkException("the client cannot be set up: a file that --kafka-config names may have gone, or be of no use any more");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _producer?.Flush(Leave);
        _producer?.Dispose();
    }

    private Message<byte[], byte[]> Message(NewEvent happened) => new()
    {
        Key = Encoding.UTF8.GetBytes(happened.Monitor.ToString()),
        Value = Encoding.UTF8.GetBytes(happened.Content),
        Timestamp = new Timestamp(happened.At, TimestampType.CreateTime),
        Headers = new Headers
        {
            { "ce_specversion", SpecVersion },
            { "ce_id", Encoding.UTF8.GetBytes(happened.Key) },
            { "ce_type", Encoding.UTF8.GetBytes(EventTopics.TypeOf(happened.Topic)) },
            { "ce_source", _source },
            { "ce_subject", Encoding.UTF8.GetBytes(happened.Monitor.ToString()) },
            { "ce_time", Encoding.UTF8.GetBytes(DateTimeOffset.FromUnixTimeMilliseconds(happened.At).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture)) },
            { "content-type", ContentType },
        },
    };

    private void Discard()
    {
        _producer?.Dispose();
        _producer = null;
    }

    private readonly record struct RefusedEvent(NewEvent Event, Error Error);

    // The reports of one batch, counted on the client's thread.
    private sealed class Deliveries(int expected)
    {
        private readonly TaskCompletionSource<Error?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ConcurrentQueue<RefusedEvent> _refused = new();
        private int _left = expected;
        private Error? _failure;

        /// <summary>Complete when each event has been reported on: the first failure, or null where all arrived but those that are <see cref="Refused"/>.</summary>
        public Task<Error?> Done => _done.Task;

        /// <summary>Those that were refused for what they are, once <see cref="Done"/>.</summary>
        public IReadOnlyList<RefusedEvent> Refused => [.. _refused];

        public void Report(NewEvent happened, Error error)
        {
            if (error.Code is ErrorCode.MsgSizeTooLarge or ErrorCode.InvalidRecord or ErrorCode.Local_InvalidDifferentRecord)
                _refused.Enqueue(new RefusedEvent(happened, error));
            else if (error.IsError)
                Interlocked.CompareExchange(ref _failure, error, null);
            if (Interlocked.Decrement(ref _left) == 0)
                _done.TrySetResult(_failure);
        }
    }
}
