using HealthTrack.Engine.Storage;
using HealthTrack.Engine.Storage.Postgres;
using Npgsql;

namespace HealthTrack.Engine.Tests.Storage;

public sealed class PostgresSettingsTests
{
    [Fact]
    public void Parse_FullUrl_GivesEveryPart()
    {
        var settings = PostgresSettings.Parse("PostgreSQL://ann%40x:p%40ss%2Fw%3A%25%3B'%22@db.example:6432/health%20track?sslmode=verify-full&application_name=a%26b&connect_timeout=3");

        Assert.Equal("db.example", settings.Host);
        Assert.Equal(6432, settings.Port);
        Assert.Equal("ann@x", settings.Username);
        Assert.Equal("p@ss/w:%;'\"", settings.Password);
        Assert.Equal("health track", settings.Database);
        Assert.Equal(SslMode.VerifyFull, settings.SslMode);
        Assert.Equal("a&b", settings.ApplicationName);
        Assert.Equal(3, settings.Timeout);
        // It goes on as keywords: what was decoded is quoted there.
        Assert.Equal(settings.Password, new NpgsqlConnectionStringBuilder(settings.ConnectionString).Password);
    }

    [Theory]
    [InlineData("postgres://db/x", "db", 5432, null, null)]
    [InlineData("postgres://u@db/x", "db", 5432, "u", null)]
    [InlineData("postgres://u:a:b+c@db:1/x", "db", 1, "u", "a:b+c")]
    [InlineData("postgres://u:a@b@db/x", "db", 5432, "u", "a@b")]
    [InlineData("postgres://u@[::1]/x", "::1", 5432, "u", null)]
    [InlineData("postgres://u@[fe80::1%25eth0]:6432/x", "fe80::1%eth0", 6432, "u", null)]
    [InlineData("postgres://u@%2Fvar%2Frun%2Fpostgresql/x", "/var/run/postgresql", 5432, "u", null)]
    [InlineData("postgres:///x?host=/var/run/postgresql&user=u", "/var/run/postgresql", 5432, "u", null)]
    [InlineData("Host=db;Database=x;Username=u;Password=\"a;b=c\"", "db", 5432, "u", "a;b=c")]
    public void Parse_Forms_GiveHostUserAndPassword(string text, string host, int port, string? user, string? password)
    {
        var settings = PostgresSettings.Parse(text);

        Assert.Equal((host, port, user, password, "x"), (settings.Host, settings.Port, settings.Username, settings.Password, settings.Database));
    }

    [Theory]
    [InlineData("disable", SslMode.Disable)]
    [InlineData("allow", SslMode.Allow)]
    [InlineData("prefer", SslMode.Prefer)]
    [InlineData("require", SslMode.Require)]
    [InlineData("verify-ca", SslMode.VerifyCA)]
    [InlineData("verify-full", SslMode.VerifyFull)]
    public void Parse_SslMode_IsAsInLibpq(string text, SslMode mode) => Assert.Equal(mode, PostgresSettings.Parse($"postgres://db/x?sslmode={text}").SslMode);

    [Theory]
    [InlineData("postgres://db/x", GssEncryptionMode.Disable)]
    [InlineData("Host=db;Database=x", GssEncryptionMode.Disable)]
    [InlineData("postgres://db/x?gssencmode=require", GssEncryptionMode.Require)]
    [InlineData("Host=db;Database=x;Gss Encryption Mode=Prefer", GssEncryptionMode.Prefer)]
    public void Parse_GssEncryption_IsOffUnlessItIsAskedFor(string text, GssEncryptionMode mode) =>
        Assert.Equal(mode, PostgresSettings.Parse(text).GssEncryptionMode);

    [Theory]
    [InlineData("postgres://u:hunter2@db", "names no database")]
    [InlineData("postgres://u:hunter2@/x", "names no host")]
    [InlineData("postgres://u:hunter2@db:port/x", "port")]
    [InlineData("postgres://u:hunter2@db:0/x", "port")]
    [InlineData("postgres://u:hunter2@db:99999/x", "port")]
    [InlineData("postgres://u:hunter2/x@db/y", "percent-encoded")]
    [InlineData("postgres://u:x?hunter2@db/y", "port")]
    [InlineData("postgres://u:/hunter2@db/y", "percent-encoded")]
    [InlineData("postgres://u:12/hunter2@db/y", "percent-encoded")]
    [InlineData("postgres://u:100%hunter2@db/x", "%25")]
    [InlineData("postgres://u:hunter2%4@db/x", "%25")]
    [InlineData("postgres://u:hunter2@[::1/x", "IPv6")]
    [InlineData("postgres://u:hunter2@a,b/x", "Host=a,b")]
    [InlineData("postgres://db/x?hunter2=1", "unknown")]
    [InlineData("postgres://db/x?password=hunter2&sslmode=sometimes", "verify-full")]
    [InlineData("postgres://db/x?password=hunter2&connect_timeout=soon", "connect_timeout")]
    [InlineData("Host=db;Database=x;Password=a;hunter2=b", "quotes")]
    [InlineData("Host=db;Database=x;Password=hunter2;Port=many", "quotes")]
    [InlineData("Host=db;Username=u;Password=hunter2", "names no database")]
    public void Parse_Wrong_SaysWhatWouldBeRightWithoutThePassword(string text, string part)
    {
        var error = Assert.Throws<FormatException>(() => StorageUrl.Parse(text));

        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }
}
