using Microsoft.Data.Sqlite;

namespace HealthTrack.Engine.Tests.Storage;

public sealed class SqliteMonitorsTests : MonitorsContract
{
    private readonly SqlitePlace _place = new();

    protected override string Url => _place.Url;

    protected override Task CreatePlaceAsync() => _place.CreateAsync();

    protected override Task RemovePlaceAsync() => _place.RemoveAsync();
}

public sealed class SqliteChecksTests : ChecksContract
{
    private readonly SqlitePlace _place = new();

    protected override string Url => _place.Url;

    protected override Task CreatePlaceAsync() => _place.CreateAsync();

    protected override Task RemovePlaceAsync() => _place.RemoveAsync();
}

public sealed class SqliteDurabilityTests : DurabilityContract
{
    private readonly SqlitePlace _place = new();

    protected override string Url => _place.Url;

    protected override async Task<long> CountCertificatesAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={_place.Url["sqlite:".Length..]};Pooling=false");
        await connection.OpenAsync(Cancelled);
        await using var count = connection.CreateCommand();
        count.CommandText = "select count(*) from certificates";
        return (long)(await count.ExecuteScalarAsync(Cancelled))!;
    }

    protected override Task CreatePlaceAsync() => _place.CreateAsync();

    protected override Task RemovePlaceAsync() => _place.RemoveAsync();
}

public sealed class SqliteModelTests : ModelContract
{
    private readonly SqlitePlace _place = new();

    protected override string Url => _place.Url;

    protected override Task CreatePlaceAsync() => _place.CreateAsync();

    protected override Task RemovePlaceAsync() => _place.RemoveAsync();
}

public sealed class SqliteAlertsTests : AlertsContract
{
    private readonly SqlitePlace _place = new();

    protected override string Url => _place.Url;

    protected override Task CreatePlaceAsync() => _place.CreateAsync();

    protected override Task RemovePlaceAsync() => _place.RemoveAsync();
}

public sealed class SqliteEventsTests : EventsContract
{
    private readonly SqlitePlace _place = new();

    protected override string Url => _place.Url;

    protected override Task CreatePlaceAsync() => _place.CreateAsync();

    protected override Task RemovePlaceAsync() => _place.RemoveAsync();
}

/// <summary>A folder for one SQLite file.</summary>
internal sealed class SqlitePlace
{
    private TemporaryFolder? _folder;

    public string Url => $"sqlite:{_folder!.File("data/healthtrack.db")}";

    public Task CreateAsync()
    {
        _folder = new TemporaryFolder();
        return Task.CompletedTask;
    }

    public Task RemoveAsync()
    {
        _folder?.Dispose();
        _folder = null;
        return Task.CompletedTask;
    }
}
