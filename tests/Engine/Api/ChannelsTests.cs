using System.Net.Http.Json;
using HealthTrack.Contracts.Api;
using HealthTrack.Core.Ports;
using HealthTrack.Engine.Alerts;
using HealthTrack.Engine.Api.Security;
using HealthTrack.Engine.Results;
using HealthTrack.Engine.Tests.Alerts;
using Microsoft.Extensions.DependencyInjection;

namespace HealthTrack.Engine.Tests.Api;

/// <summary>Channels as they are listed, and monitors that name what is not there.</summary>
public sealed class ChannelsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_ChannelsThatCannotBeTold_SayWhy()
    {
        var channels = new Channels().With("fine", "webhook", "http://127.0.0.1:9/hush").With("lost", "slack", "").With("mail", "email", "hush").With("odd", "webhook", "hush");
        channels.SetSecret("lost", null);
        channels.Wrong[new("ops", "typo")] = "spec.type: is required.";
        await using var host = await StartAsync(channels);
        await Eventually.TrueAsync(async () => (await ListAsync(host)).Count(c => !c.Ready) == 4, "all are looked at", Cancel);

        var rows = await ListAsync(host);
        Assert.Equal(
            [
                ("fine", true, null, null),
                ("lost", false, "SecretNotFound", "The secret ops/lost has no key url, or may not be read."),
                ("mail", false, "NotSupported", "This version cannot tell channels of type email: it can slack and webhook."),
                ("odd", false, "InvalidAddress", "The channel's secret holds no http or https URL."),
                ("typo", false, "InvalidSpec", "spec.type: is required."),
            ],
            rows.Select(c => (c.Name, c.Ready, c.Reason, c.Message)));
        Assert.Equal(("webhook", "warning", true, true), (rows[0].Type, rows[0].MinSeverity, rows[0].SendResolved, rows[0].Default));
        Assert.Null(rows[4].Type);
        Assert.All(rows, c => Assert.Null(c.LastDelivery));
        Assert.DoesNotContain("hush", await host.Client.GetStringAsync("/channels", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_CallerOfOneNamespace_ShowsNoChannelsOfOthers()
    {
        var channels = new Channels().With("pager", "webhook", "hush").With("hook", "webhook", "hush", ns: "a");
        channels.Wrong[new("b", "typo")] = "spec.type: is required.";
        await using var host = await EngineHost.StartAsync(
            compose: services => services.AddSingleton<IChannelDirectory>(channels).AddSingleton<ISecretSource>(channels)
                .AddSingleton<IApiAuthority>(new NamespaceAuthority { Namespaces = ["a"] }),
            configure: o => o with { Bind = "0.0.0.0", HostAuthority = true });

        Assert.Equal(["a/hook"], await NamesAsync("a"));
        Assert.Equal(["b/typo"], await NamesAsync("b"));
        Assert.Empty(await NamesAsync("dashboard"));
        channels.Without("hook", "a");
        channels.Without("pager");
        channels.Wrong.Clear();
        Assert.Empty(await NamesAsync("a"));

        async Task<IEnumerable<string>> NamesAsync(string user)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/channels") { Headers = { Authorization = new("Bearer", user) } };
            using var answer = await host.Client.SendAsync(request, Cancel);
            return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<ChannelRow>>(ApiJson.Options, Cancel))!.Select(c => $"{c.Namespace}/{c.Name}");
        }
    }

    [Fact]
    public async Task List_AfterDeliveries_HasTheLastAndNoAddress()
    {
        await using var receiver = await Receiver.StartAsync(Cancel);
        await using var host = await StartAsync(new Channels().With("hook", "webhook", receiver.Url));
        receiver.Status = 503;
        await TryAsync(host);
        Assert.Equal(("failed", "The receiver answered 503."), Last(await ListAsync(host)));

        receiver.Status = 200;
        await TryAsync(host);
        Assert.Equal(("arrived", null), Last(await ListAsync(host)));
        Assert.Contains("\"last_delivery\":{\"time\":\"2026-", await host.Client.GetStringAsync("/channels", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ready_ChannelThatDoesNotExist_SaysSoUntilItDoes()
    {
        var known = new TaskCompletionSource();
        var channels = new Channels { FirstSync = known.Task }.With("hook", "webhook", "http://127.0.0.1:9/");
        await using var host = await StartAsync(channels);
        var shop = await host.DeclareAsync("shop", more: "alerts: {channels: [{name: hook}, {name: pager}]}");
        var other = await host.DeclareAsync("other", more: "alerts: {channels: [{name: hook}]}");
        Assert.Null(((IChannelDirectory)channels).Missing(shop.Monitor));
        Assert.Equal(("True", "Operating"), Short(Ready(host, shop)));

        // All of them are known.
        known.SetResult();
        await Eventually.True(() => Ready(host, shop).Status == "False", "the channel is missed", Cancel);
        Assert.Equal("ChannelNotFound", Ready(host, shop).Reason);
        Assert.StartsWith("Checks go on, but nobody is told through channel pager: there is no such NotificationChannel", Ready(host, shop).Message, StringComparison.Ordinal);
        Assert.Equal(("True", "Operating"), Short(Ready(host, other)));

        channels.With("pager", "webhook", "http://127.0.0.1:9/", ns: "default");
        await Eventually.True(() => Ready(host, shop).Status == "True", "it is found in the monitor's namespace", Cancel);
        channels.Without("hook");
        await Eventually.True(() => Ready(host, other).Reason == "ChannelNotFound", "the other one misses its channel", Cancel);
    }

    private static MonitorCondition Ready(EngineHost host, MonitorState state) => state.Snapshot(host.Now).Conditions.Single(c => c.Type == "Ready");

    private static (string Status, string Reason) Short(MonitorCondition condition) => (condition.Status, condition.Reason);

    private static (string?, string?) Last(List<ChannelRow> rows) => (Assert.Single(rows).LastDelivery?.Outcome, Assert.Single(rows).LastDelivery?.Error);

    private static Task<List<ChannelRow>> ListAsync(EngineHost host) => host.GetAsync<List<ChannelRow>>("/channels", Cancel);

    private static async Task TryAsync(EngineHost host)
    {
        using var tried = await host.PostAsync("/channels/hook/test", "", Cancel);
        Assert.NotNull(await tried.Content.ReadFromJsonAsync<ChannelTestRow>(ApiJson.Options, Cancel));
    }

    private static Task<EngineHost> StartAsync(Channels channels) => EngineHost.StartAsync(
        compose: services => services.AddSingleton<IChannelDirectory>(channels).AddSingleton<ISecretSource>(channels));
}
