using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace HealthTrack.Engine.Tests.Events;

/// <summary>
/// The brokers that librdkafka brings for tests: they listen on loopback ports and speak Kafka's protocol. They can go down and come back with what they hold, and go when this
/// process does.
/// </summary>
internal sealed partial class MockCluster : IDisposable
{
    // The build of Confluent.Kafka's package that needs no library of the system's.
    private const string Library = "librdkafka";
    private const int Producer = 0;
    private const int BrokerOne = 1;

    private readonly nint _client;
    private readonly nint _cluster;

    static MockCluster() => NativeLibrary.SetDllImportResolver(typeof(MockCluster).Assembly, (name, assembly, path) => name == Library
        ? NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "centos8-librdkafka.so"))
        : nint.Zero);

    private MockCluster(nint client, nint cluster)
    {
        (_client, _cluster) = (client, cluster);
        BootstrapServers = Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(cluster))!;
    }

    /// <summary>Where it listens, HOST:PORT.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts one broker without topics; they are made when they are first written to.</summary>
    public static MockCluster Start()
    {
        var error = new byte[512];
        var settings = rd_kafka_conf_new();
        // The client that carries the brokers has none to talk to itself, which it would warn of.
        _ = rd_kafka_conf_set(settings, "log_level", "3", error, error.Length);
        var client = rd_kafka_new(Producer, settings, error, error.Length);
        if (client == nint.Zero)
            throw new InvalidOperationException($"librdkafka makes no client: {Encoding.UTF8.GetString(error).TrimEnd('\0')}");
        var cluster = rd_kafka_mock_cluster_new(client, 1);
        return cluster == nint.Zero ? throw new InvalidOperationException("librdkafka makes no mock cluster.") : new MockCluster(client, cluster);
    }

    /// <summary>Takes the broker away: connections break, new ones are refused.</summary>
    public void Stop() => _ = rd_kafka_mock_broker_set_down(_cluster, BrokerOne);

    /// <summary>Brings it back with what it holds.</summary>
    public void Resume() => _ = rd_kafka_mock_broker_set_up(_cluster, BrokerOne);

    /// <summary>The next produce requests fail with these errors, one each.</summary>
    public void FailProduce(params IEnumerable<ErrorCode> errors)
    {
        var codes = errors.Select(e => (int)e).ToArray();
        _ = rd_kafka_mock_push_request_errors_array(_cluster, 0, (nuint)codes.Length, codes);
    }

    /// <summary>Says this of a topic whenever it is asked about, as a broker that refuses it does; <see cref="ErrorCode.NoError"/> ends it.</summary>
    public void RefuseTopic(string topic, ErrorCode error) => rd_kafka_mock_topic_set_error(_cluster, topic, (int)error);

    /// <summary>Reads a topic from its beginning, until it holds enough of a key or 30 s are over.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="key">The key; null: all.</param>
    /// <param name="atLeast">How many are waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<IReadOnlyList<ConsumeResult<string, string>>> ReadAsync(string topic, string? key, int atLeast, CancellationToken cancellationToken) => Task.Run<IReadOnlyList<ConsumeResult<string, string>>>(
        () =>
        {
            var settings = new ConsumerConfig
            {
                BootstrapServers = BootstrapServers, GroupId = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture), AutoOffsetReset = AutoOffsetReset.Earliest,
                EnableAutoCommit = false, AllowAutoCreateTopics = true,
            };
            using var consumer = new ConsumerBuilder<string, string>(settings).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            consumer.Subscribe(topic);
            var read = new List<ConsumeResult<string, string>>();
            var deadline = System.Diagnostics.Stopwatch.StartNew();
            while (read.Count < atLeast && deadline.Elapsed < TimeSpan.FromSeconds(30))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (Next(consumer) is { } result && (key is null || result.Message.Key == key))
                    read.Add(result);
            }
            // What is there beyond that is of interest too: too many is as wrong as too few.
            while (Next(consumer) is { } more)
            {
                if (key is null || more.Message.Key == key)
                    read.Add(more);
            }
            consumer.Close();
            return read;
        },
        cancellationToken);

    public void Dispose()
    {
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_client);
    }

    private static ConsumeResult<string, string>? Next(IConsumer<string, string> consumer)
    {
        try
        {
            return consumer.Consume(TimeSpan.FromMilliseconds(300));
        }
        catch (ConsumeException)
        {
            return null; // The topic is not there yet, or the broker is away.
        }
    }

    [LibraryImport(Library)]
    private static partial nint rd_kafka_conf_new();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_conf_set(nint conf, string name, string value, [Out] byte[] error, nint size);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_new(int type, nint conf, [Out] byte[] error, nint size);

    [LibraryImport(Library)]
    private static partial void rd_kafka_destroy(nint client);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_mock_cluster_new(nint client, int brokers);

    [LibraryImport(Library)]
    private static partial void rd_kafka_mock_cluster_destroy(nint cluster);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [LibraryImport(Library)]
    private static partial int rd_kafka_mock_broker_set_down(nint cluster, int broker);

    [LibraryImport(Library)]
    private static partial int rd_kafka_mock_broker_set_up(nint cluster, int broker);

    [LibraryImport(Library)]
    private static partial int rd_kafka_mock_push_request_errors_array(nint cluster, short apiKey, nuint count, int[] errors);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial void rd_kafka_mock_topic_set_error(nint cluster, string topic, int error);
}
