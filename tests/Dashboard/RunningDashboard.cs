using HealthTrack.Dashboard.Api;

namespace HealthTrack.Dashboard.Tests;

/// <summary>The dashboard in this process, on a loopback port, as another host would run it.</summary>
internal sealed class RunningDashboard : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningDashboard(WebApplication app)
    {
        _app = app;
        Url = new Uri(app.Urls.Single().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { BaseAddress = Url };
    }

    public Uri Url { get; }

    public HttpClient Http { get; }

    public Fleet Fleet => _app.Services.GetRequiredService<Fleet>();

    public static Task<RunningDashboard> StartAsync(Uri api) => StartAsync(new DashboardOptions { Api = api, Port = 0 });

    public static async Task<RunningDashboard> StartAsync(DashboardOptions options, TimeProvider? time = null)
    {
        var app = DashboardApp.Build(options, time ?? TimeProvider.System);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new RunningDashboard(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the fleet is as asked.</summary>
    public async Task UntilAsync(Func<Fleet, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var seen = Fleet.Status().Version;
            if (condition(Fleet))
                return;
            await Fleet.ChangedAsync(seen, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
