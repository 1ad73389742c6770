using HealthTrack.Engine.Events;

namespace HealthTrack.Engine.Tests.Events;

public sealed class KafkaSettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("kafka")]
    [InlineData("kafka:0")]
    [InlineData("kafka:99999")]
    [InlineData("http://kafka:9092")]
    [InlineData("kafka:9092,")]
    [InlineData(":9092")]
    public void Read_NoAddress_NamesTheFlag(string brokers) =>
        Assert.Contains("--kafka must be HOST:PORT", Problem(brokers), StringComparison.Ordinal);

    [Fact]
    public void Read_Addresses_AreTakenAndDeliveryIsSafe()
    {
        var settings = KafkaSettings.Read("a:9092, [::1]:9093", null);
        Assert.Equal("a:9092,[::1]:9093", settings.BootstrapServers);
        Assert.True(settings.EnableIdempotence);
        Assert.Equal(Confluent.Kafka.Acks.All, settings.Acks);
    }

    [Fact]
    public void Read_File_IsTakenLineByLine()
    {
        var settings = KafkaSettings.Read("a:9092", Write("# sign-in\n\nsecurity.protocol = SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=a=b c\n"));
        Assert.Equal(("a=b c", "SASL_SSL"), (settings.Get("sasl.password"), settings.Get("security.protocol")));
    }

    [Theory]
    [InlineData("consistent")]
    [InlineData("consistent_random")]
    [InlineData("murmur2")]
    [InlineData("murmur2_random")]
    [InlineData("fnv1a")]
    [InlineData("fnv1a_random")]
    public void Read_APartitionerByKey_IsTaken(string partitioner) =>
        Assert.Equal(partitioner, KafkaSettings.Read("a:9092", Write($"partitioner={partitioner}\n")).Get("partitioner"));

    [Theory]
    [InlineData("no property", "line 1")]
    [InlineData("acks=0", "acks is HealthTrack's to set (an event counts as published once all replicas have it)")]
    [InlineData("metadata.broker.list=hush:1", "metadata.broker.list is HealthTrack's to set (--kafka names the brokers)")]
    [InlineData("message.timeout.ms=00", "message.timeout.ms=0 would wait for ever")]
    [InlineData("transactional.id=hush", "transactional.id is HealthTrack's to set (events are not sent in transactions)")]
    [InlineData("dotnet.producer.enable.delivery.reports=false", "delivery.reports is HealthTrack's to set (without the reports")]
    [InlineData("message.timeout.ms=0", "message.timeout.ms=0 would wait for ever")]
    [InlineData("delivery.timeout.ms = 0", "line 1: delivery.timeout.ms=0")]
    [InlineData("# by chance\npartitioner = random", "line 2: partitioner=random would spread the events of one monitor over partitions, in no order; use consistent_random, or remove it.")]
    [InlineData("sasl.passwort=hush", "property that librdkafka does not know")]
    [InlineData("linger.ms=hush", "value that it cannot use")]
    public void Read_BadFile_SaysWhatAndNoValue(string text, string expected)
    {
        var problem = Problem("a:9092", Write(text));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
        Assert.Contains("--kafka-config", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileMissing_NamesIt() => Assert.Contains("cannot be read", Problem("a:9092", _folder.File("none")), StringComparison.Ordinal);

    private string Write(string text)
    {
        var file = _folder.File("kafka.properties");
        File.WriteAllText(file, text);
        return file;
    }

    private static string Problem(string brokers, string? file = null) => Assert.Throws<FormatException>(() => KafkaSettings.Read(brokers, file)).Message;
}
