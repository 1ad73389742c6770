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
    private IProducer<byte[], byte[]>? _producer;

    /// <param name="settings">How the producer is set up.</param>
    /// <param name="source">The CloudEvents source: where people find this HealthTrack.</param>
    /// <param name="log">Where the client's own words go.</param>
    public KafkaSink(ProducerConfig settings, Uri source, ILogger<KafkaSink> log)
    {
        _settings = settings;
        _source = Encoding.UTF8.GetBytes(source.ToString());
        _log = log;
    }

    /// <inheritdoc/>
    public async Task PublishAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        var producer = _producer ??= new ProducerBuilder<byte[], byte[]>(_settings)
            .SetLogHandler((_, said) => Log.ClientSaid(_log, said.Facility, said.Message))
            .SetErrorHandler((_, error) => Log.ClientSaid(_log, error.Code.ToString(), error.Reason))
            .Build();
        if (events.Count == 0)
            return;
        var deliveries = new Deliveries(events.Count);
        try
        {
            foreach (var happened in events)
                producer.Produce(happened.Topic, Message(happened), deliveries.Report);
        }
        catch (ProduceException<byte[], byte[]> e)
        {
            // The rest of the batch may still arrive: told again it has the same ids. A client that gave up is replaced, and what it still holds goes with it.
            Discard();
            throw new EventSinkException(e.Error.Reason);
        }
        if (await deliveries.Done.WaitAsync(cancellationToken) is not { } failure)
            return;
        if (failure.IsFatal || failure.Code == ErrorCode.Local_MsgTimedOut)
            Discard();
        throw new EventSinkException(failure.Reason);
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

    // The reports of one batch, counted on the client's thread.
    private sealed class Deliveries(int expected)
    {
        private readonly TaskCompletionSource<Error?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = expected;
        private Error? _failure;

        /// <summary>Complete when each event has been reported on: the first failure, or null where all arrived.</summary>
        public Task<Error?> Done => _done.Task;

        public void Report(DeliveryReport<byte[], byte[]> report)
        {
            if (report.Error.IsError)
                Interlocked.CompareExchange(ref _failure, report.Error, null);
            if (Interlocked.Decrement(ref _left) == 0)
                _done.TrySetResult(_failure);
        }
    }
}
