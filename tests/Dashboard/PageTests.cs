using Bunit;
using HealthTrack.Dashboard.Api;
using HealthTrack.Dashboard.Ui.Fleets;
using HealthTrack.Dashboard.Ui.Services;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Time.Testing;
using MudBlazor.Services;

namespace HealthTrack.Dashboard.Tests;

/// <summary>What tests of pages without a browser share: a fleet, a clock, and an API that answers what the test says.</summary>
public abstract class PageTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(Rows.Noon);
    private readonly HealthTrackClient _client;

    protected PageTests()
    {
        Fleet = new Fleet(_time);
        _client = new HealthTrackClient(new HttpClient(new Answers(r => Answer(r))) { BaseAddress = new Uri("http://127.0.0.1:8000/") });
        Readiness = new Readiness(_client, Fleet, _time);
    }

    protected BunitContext Context { get; } = new();

    private protected Fleet Fleet { get; }

    private protected Readiness Readiness { get; }

    /// <summary>Of the dashboard; to be set before a page is rendered.</summary>
    protected DashboardOptions Options { get; set; } = new();

    /// <summary>What the API answers.</summary>
    protected Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => new HttpResponseMessage(System.Net.HttpStatusCode.OK);

    public ValueTask InitializeAsync()
    {
        Context.JSInterop.Mode = JSRuntimeMode.Loose;
        Context.Services.AddMudServices();
        Context.Services.AddSingleton<TimeProvider>(_time);
        Context.Services.AddSingleton(Fleet);
        Context.Services.AddSingleton(_client);
        Context.Services.AddSingleton(Readiness);
        Context.Services.AddSingleton(_ => Options);
        Context.Services.AddScoped<FleetView>();
        Context.Services.AddScoped<ServiceActions>();
        Context.SetRendererInfo(new RendererInfo("Server", isInteractive: true));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Context.DisposeAsync();
        Readiness.Dispose();
    }

    /// <summary>Lets the clock go on until a condition holds.</summary>
    protected async Task BeatUntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Xunit.TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }
    }

    /// <summary>A text with its blanks as a reader sees them.</summary>
    protected static string Squeezed(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private sealed class Answers(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
