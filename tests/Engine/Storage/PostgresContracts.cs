namespace HealthTrack.Engine.Tests.Storage;

public sealed class PostgresMonitorsTests(PostgresPlace place) : MonitorsContract, IClassFixture<PostgresPlace>
{
    protected override string Url => place.Url;

    protected override Task CreatePlaceAsync() => place.EmptyAsync();

    protected override Task RemovePlaceAsync() => Task.CompletedTask;
}

public sealed class PostgresChecksTests(PostgresPlace place) : ChecksContract, IClassFixture<PostgresPlace>
{
    protected override string Url => place.Url;

    protected override Task CreatePlaceAsync() => place.EmptyAsync();

    protected override Task RemovePlaceAsync() => Task.CompletedTask;
}

public sealed class PostgresDurabilityTests(PostgresPlace place) : DurabilityContract, IClassFixture<PostgresPlace>
{
    protected override bool KeepsWholeDays => true;

    protected override string Url => place.Url;

    protected override async Task<long> CountCertificatesAsync() => (long)(await place.ExecuteAsync("select count(*) from certificates"))!;

    protected override Task CreatePlaceAsync() => place.EmptyAsync();

    protected override Task RemovePlaceAsync() => Task.CompletedTask;
}

public sealed class PostgresModelTests(PostgresPlace place) : ModelContract, IClassFixture<PostgresPlace>
{
    protected override int Histories => 20;

    protected override string Url => place.Url;

    protected override Task CreatePlaceAsync() => place.EmptyAsync();

    protected override Task RemovePlaceAsync() => Task.CompletedTask;
}

public sealed class PostgresAlertsTests(PostgresPlace place) : AlertsContract, IClassFixture<PostgresPlace>
{
    protected override string Url => place.Url;

    protected override Task CreatePlaceAsync() => place.EmptyAsync();

    protected override Task RemovePlaceAsync() => Task.CompletedTask;
}

public sealed class PostgresEventsTests(PostgresPlace place) : EventsContract, IClassFixture<PostgresPlace>
{
    protected override string Url => place.Url;

    protected override Task CreatePlaceAsync() => place.EmptyAsync();

    protected override Task RemovePlaceAsync() => Task.CompletedTask;
}
