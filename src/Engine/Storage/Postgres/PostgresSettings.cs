using Npgsql;

namespace HealthTrack.Engine.Storage.Postgres;

/// <summary>Reads what names a Postgres database. No message holds a piece of the setting: any piece may belong to the password.</summary>
internal static class PostgresSettings
{
    private const int DefaultPort = 5432;
    private const string GssEncryption = "GSS Encryption Mode";

    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    // libpq's names, and Npgsql's for the same.
    private static readonly Dictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["sslpassword"] = "SSL Password",
        ["channel_binding"] = "Channel Binding",
        ["gssencmode"] = GssEncryption,
        ["host"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["password"] = "Password",
        ["passfile"] = "Passfile",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["options"] = "Options",
        ["target_session_attrs"] = "Target Session Attributes",
    };

    /// <summary>Whether a setting has the form of a URL of Postgres.</summary>
    public static bool IsUrl(string setting) => Schemes.Any(scheme => setting.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads <c>postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=...</c> or Npgsql's keywords.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says what would be right.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string setting)
    {
        var settings = IsUrl(setting) ? FromUrl(setting) : FromKeywords(setting);
        if (string.IsNullOrWhiteSpace(settings.Host))
            throw new FormatException("The storage setting names no host of Postgres: write postgres://USER@HOST/DATABASE.");
        if (string.IsNullOrWhiteSpace(settings.Database))
            throw new FormatException("The storage setting names no database: write postgres://USER@HOST/DATABASE or Host=...;Database=...");
        // Npgsql would ask each server for it, and load a library for it that small images lack.
        if (!settings.ShouldSerialize(GssEncryption) && Environment.GetEnvironmentVariable("PGGSSENCMODE") is null or "")
            settings.GssEncryptionMode = GssEncryptionMode.Disable;
        return settings;
    }

    /// <summary>Host, port and database, which is all that a message shows.</summary>
    public static string PlaceOf(NpgsqlConnectionStringBuilder settings)
    {
        var host = settings.Host!;
        return host.Contains(':', StringComparison.Ordinal) && !host.Contains(',', StringComparison.Ordinal)
            ? $"[{host}]:{settings.Port}/{settings.Database}"
            : $"{host}:{settings.Port}/{settings.Database}";
    }

    private static NpgsqlConnectionStringBuilder FromKeywords(string setting)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(setting);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            throw new FormatException(
                "The storage setting is no connection string of Npgsql: a keyword is unknown or its value wrong. A value with ; or = in it stands in quotes: Password=\"a;b\".");
        }
    }

    private static NpgsqlConnectionStringBuilder FromUrl(string url)
    {
        var rest = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var (beforeQuery, query) = Cut(rest, '?');
        var (authority, path) = Cut(beforeQuery, '/');
        var at = authority.LastIndexOf('@');
        var settings = new NpgsqlConnectionStringBuilder();
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            if (user.Length > 0)
                settings.Username = Decode(user);
            if (password is { Length: > 0 })
                settings.Password = Decode(password);
        }

        SetHost(settings, authority[(at + 1)..]);
        // A password with a bare / in it would end up here, and be shown as the database's name.
        if (path is not null && path.Contains('@', StringComparison.Ordinal))
            throw new FormatException("Where the user or the password in the storage URL holds one of : / ? # @ %, write it percent-encoded, such as %2F for /.");
        if (path is { Length: > 0 })
            settings.Database = Decode(path);
        foreach (var pair in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
            SetParameter(settings, pair);
        return settings;
    }

    private static void SetHost(NpgsqlConnectionStringBuilder settings, string hostAndPort)
    {
        if (hostAndPort.Contains(',', StringComparison.Ordinal))
            throw new FormatException("A storage URL names one host; several are written as keywords: Host=a,b;Database=healthtrack;Target Session Attributes=primary.");
        string host, port;
        if (hostAndPort.StartsWith('['))
        {
            var end = hostAndPort.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < hostAndPort.Length && hostAndPort[end + 1] != ':'))
                throw new FormatException("The host of the storage URL is no IPv6 address in brackets: write postgres://USER@[::1]:5432/DATABASE.");
            host = hostAndPort[1..end];
            port = hostAndPort[(end + 1)..].TrimStart(':');
        }
        else
        {
            (host, var given) = Cut(hostAndPort, ':');
            port = given ?? "";
        }

        settings.Host = Decode(host);
        settings.Port = port.Length == 0 ? DefaultPort : Port(port);
    }

    private static int Port(string text) =>
        text.All(char.IsAsciiDigit) && int.TryParse(text, out var port) && port is > 0 and <= 65535
            ? port
            : throw new FormatException(
                "The port of the storage URL must be 1 to 65535. Where the user or the password holds one of : / ? # @ %, write it percent-encoded, such as %40 for @.");

    private static void SetParameter(NpgsqlConnectionStringBuilder settings, string pair)
    {
        var (name, value) = Cut(pair, '=');
        if (!Parameters.TryGetValue(name, out var keyword))
            throw new FormatException($"A parameter of the storage URL is unknown; it takes {string.Join(", ", Parameters.Keys)}.");
        try
        {
            var text = Decode(value ?? "");
            settings[keyword] = name is "sslmode" or "channel_binding" ? text.Replace("-", "", StringComparison.Ordinal) : text;
        }
        catch (Exception error) when (error is ArgumentException or InvalidCastException or OverflowException or KeyNotFoundException)
        {
            throw new FormatException(name == "sslmode"
                ? "The parameter sslmode of the storage URL must be disable, allow, prefer, require, verify-ca or verify-full."
                : $"The parameter {name} of the storage URL has a value that Npgsql does not take.");
        }
    }

    private static (string Before, string? After) Cut(string text, char separator)
    {
        var place = text.IndexOf(separator, StringComparison.Ordinal);
        return place < 0 ? (text, null) : (text[..place], text[(place + 1)..]);
    }

    private static string Decode(string text)
    {
        for (var i = text.IndexOf('%', StringComparison.Ordinal); i >= 0; i = text.IndexOf('%', i + 1))
        {
            if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                throw new FormatException("The storage URL holds a % that begins no percent-encoded character: write % itself as %25.");
        }

        return Uri.UnescapeDataString(text);
    }
}
