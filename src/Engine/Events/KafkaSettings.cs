using System.Globalization;
using Confluent.Kafka;

namespace HealthTrack.Engine.Events;

/// <summary>How the producer of the events is set up.</summary>
internal static class KafkaSettings
{
    // What delivery rests on; a file that says otherwise would lose or reorder events.
    private static readonly Dictionary<string, string> Ours = new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = Brokers, ["metadata.broker.list"] = Brokers,
        ["enable.idempotence"] = Once, ["max.in.flight"] = Once, ["max.in.flight.requests.per.connection"] = Once,
        ["acks"] = Replicas, ["request.required.acks"] = Replicas,
        ["transactional.id"] = "events are not sent in transactions",
        ["dotnet.producer.enable.background.poll"] = Reports, ["dotnet.producer.enable.delivery.reports"] = Reports, ["dotnet.producer.delivery.report.fields"] = Reports,
    };

    private const string Brokers = "--kafka names the brokers";
    private const string Once = "repeats and a change of order are kept out by it";
    private const string Replicas = "an event counts as published once all replicas have it";
    private const string Reports = "without the reports of delivery nobody knows what has arrived";

    // Both names of the time after which a batch without an answer is read from the store anew; 0 would be never.
    private static readonly string[] TimeLimits = ["message.timeout.ms", "delivery.timeout.ms"];

    /// <summary>Reads the settings.</summary>
    /// <param name="brokers">HOST:PORT, several with commas.</param>
    /// <param name="file">A file of librdkafka's properties, or null.</param>
    /// <exception cref="FormatException">A sentence says which flag is wrong and how; never a value of the file, which may be a secret.</exception>
    public static ProducerConfig Read(string brokers, string? file)
    {
        if (brokers.Split(',', StringSplitOptions.TrimEntries) is var all && !all.All(IsAddress))
            throw new FormatException($"--kafka must be HOST:PORT, several with commas; it is '{brokers}'.");
        // A batch that has no answer within message.timeout.ms is tried again from the store.
        var settings = new ProducerConfig(new Dictionary<string, string>
        {
            ["client.id"] = "healthtrack", ["message.timeout.ms"] = "15000", ["linger.ms"] = "20", ["compression.type"] = "lz4", ["log.connection.close"] = "false",
        });
        foreach (var (key, value) in file is null ? [] : Properties(file))
            settings.Set(key, value);
        settings.BootstrapServers = string.Join(',', all);
        settings.EnableIdempotence = true;
        settings.Acks = Acks.All;
        try
        {
            // librdkafka says what it does not know or cannot read only when a client is made; it connects to nobody before it is asked to.
            new ProducerBuilder<byte[], byte[]>(settings).SetLogHandler(static (_, _) => { }).SetErrorHandler(static (_, _) => { }).Build().Dispose();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
        {
            throw new FormatException(file is null
                ? $"--kafka cannot be used: {e.Message}"
                : $"--kafka-config {file}: {Blamed(file, e.Message)} is a property that librdkafka does not know, or has a value that it cannot use: compare it with librdkafka's "
                    + "CONFIGURATION.md.");
        }
        return settings;
    }

    // Which line is meant, by its name alone: what librdkafka says has the value in it, which may be a secret.
    private static string Blamed(string file, string said) =>
        Properties(file).Select(p => p.Key).FirstOrDefault(key => said.Contains($"\"{key}\"", StringComparison.Ordinal) || said.Contains($"`{key}`", StringComparison.Ordinal))
        ?? "what it holds, each or together,";

    private static bool IsAddress(string address) =>
        address.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(address.AsSpan(colon + 1), out var port) && port > 0 && !address.Contains("//", StringComparison.Ordinal);

    private static IEnumerable<(string Key, string Value)> Properties(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"--kafka-config {file} cannot be read: {e.Message}");
        }
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                throw new FormatException($"--kafka-config {file}, line {i + 1}, is no property: write key=value.");
            var key = line[..equals].TrimEnd();
            if (Ours.TryGetValue(key, out var why))
                throw new FormatException($"--kafka-config {file}, line {i + 1}: {key} is HealthTrack's to set ({why}); remove it.");
            var value = line[(equals + 1)..].TrimStart();
            if (TimeLimits.Contains(key) && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) && limit == 0)
                throw new FormatException($"--kafka-config {file}, line {i + 1}: {key}=0 would wait for ever for a broker that is away; give milliseconds, or remove it.");
            // All others place an event by its key.
            if (key == "partitioner" && value.Equals("random", StringComparison.OrdinalIgnoreCase))
                throw new FormatException($"--kafka-config {file}, line {i + 1}: partitioner=random would spread the events of one monitor over partitions, in no order; use consistent_random, or remove it.");
            yield return (key, value);
        }
    }
}
