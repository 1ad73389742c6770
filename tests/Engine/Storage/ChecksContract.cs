using HealthTrack.Core.Checks;
using HealthTrack.Engine.Storage;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>The contract's part about storing checks and reading them back.</summary>
public abstract class ChecksContract : ResultStoreContract
{
    [Fact]
    public async Task AppendChecks_WithEveryField_ComesBackWithoutUid()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        var result = new CheckResult
        {
            Uid = "a-uid", Location = "frankfurt", Worker = "w-7", Generation = 12, DueTime = Start, StartedAt = Start + 17,
            Kind = CheckKind.First, Outcome = Outcome.Warn, LatencyMicros = 5_000_000_000, CountsInLatency = true, StatusCode = 404,
            Message = "Not found", Phases = new CheckPhases(1, 20_000, 3_000_000, 0, long.MaxValue),
            Certificate = new CertificateFacts(new DateTimeOffset(2031, 2, 3, 4, 5, 6, TimeSpan.Zero), "CN=Ünïcode CA, O=日本"),
        };

        var ids = await Store.AppendChecksAsync([new NewCheck(1, result)], Cancelled);
        await ReopenAsync();

        var stored = Assert.Single(await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled));
        Assert.Equal(new StoredCheck(Assert.Single(ids), 1, result with { Uid = "" }), stored);
    }

    [Fact]
    public async Task AppendChecks_WithOnlyWhatMustBe_ComesBackAsItCame()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        var result = new CheckResult
        {
            Uid = "", Location = "", Generation = 0, DueTime = 0, StartedAt = 0, Outcome = Outcome.Down, LatencyMicros = 0, CountsInLatency = false,
        };
        await Store.AppendChecksAsync([new NewCheck(1, result)], Cancelled);

        Assert.Equal(result, Assert.Single(await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled)).Result);
    }

    [Fact]
    public async Task AppendChecks_Ids_GrowInTheOrderOfStoring()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b")], Cancelled);
        var ids = new List<long>();
        ids.AddRange(await Store.AppendChecksAsync([Check(2, Start + 50), Check(1, Start + 60), Check(1, Start + 40)], Cancelled));
        await ReopenAsync();
        ids.AddRange(await Store.AppendChecksAsync([Check(1, Start)], Cancelled)); // late, stored last
        await Store.DeleteBeforeAsync(Start + 1000, Cancelled);
        await ReopenAsync();
        ids.AddRange(await Store.AppendChecksAsync([Check(1, Start + 2000)], Cancelled));

        Assert.Equal(ids.Order().Distinct(), ids);
        Assert.True(ids[0] > 0);
    }

    [Fact]
    public async Task AppendChecks_Duplicates_AreZeroAndLeaveTheFirst()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b")], Cancelled);
        var first = await Store.AppendChecksAsync(
            [Check(1, Start), Check(1, Start, Outcome.Down), Check(1, Start, location: "other"), Check(2, Start)], Cancelled);
        var second = await Store.AppendChecksAsync([Check(1, Start, Outcome.Error), Check(1, Start + 1)], Cancelled);

        Assert.Equal(0, first[1]);
        Assert.Equal(3, first.Where(id => id > 0).Distinct().Count());
        Assert.Equal(0, second[0]);
        Assert.True(second[1] > first.Max());
        var stored = await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled);
        Assert.Equal([Start + 1, Start, Start], stored.Select(check => check.Result.DueTime));
        Assert.All(stored, check => Assert.Equal(Outcome.Ok, check.Result.Outcome));
    }

    [Fact]
    public async Task AppendChecks_ForAnUnknownService_FailsAndStoresNoneOfTheBatch()
    {
        await Store.AddMonitorAsync("a", Cancelled);

        var error = await Assert.ThrowsAnyAsync<Exception>(
            () => Store.AppendChecksAsync([Check(1, Start, location: "new"), Check(99, Start)], Cancelled));

        Assert.IsNotType<StoreUnavailableException>(error);
        Assert.Empty(await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled));
        Assert.NotEqual(0, Assert.Single(await Store.AppendChecksAsync([Check(1, Start, location: "new")], Cancelled)));
        Assert.Equal("new", Assert.Single(await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled)).Result.Location);
    }

    [Fact]
    public async Task AppendChecks_None_IsNothing() => Assert.Empty(await Store.AppendChecksAsync([], Cancelled));

    public static TheoryData<string, string> Messages => new()
    {
        { new string('x', 5000), new string('x', 1024) },
        { new string('x', 1022) + "é-", new string('x', 1022) + "é" },
        { new string('x', 1023) + "é-", new string('x', 1023) },
        { new string('x', 1021) + "🚀", new string('x', 1021) },
        { new string('日', 500), new string('日', 341) },
        { "ok 🚀 日本 'quoted' \"double\" \\ \t\r\n$1", "ok 🚀 日本 'quoted' \"double\" \\ \t\r\n$1" },
        { "a\0b", "a\uFFFDb" },
        { "", "" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task AppendChecks_Message_IsCutToAKibibyteBetweenCharacters(string message, string kept)
    {
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.AppendChecksAsync([Check(1, Start, message: message)], Cancelled);

        Assert.Equal(kept, Assert.Single(await Store.ReadChecksAsync(new CheckQuery(1, 1), Cancelled)).Result.Message);
    }

    [Fact]
    public async Task AppendChecks_HalfASurrogatePair_IsReplaced()
    {
        // Built here: the runner could not carry such a text in a test's name.
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.AppendChecksAsync([Check(1, Start, message: "a" + (char)0xD83D)], Cancelled);

        Assert.Equal("a\uFFFD", Assert.Single(await Store.ReadChecksAsync(new CheckQuery(1, 1), Cancelled)).Result.Message);
    }

    [Fact]
    public async Task AppendChecks_HostileIssuer_IsRepairedAndHoldsUpNothing()
    {
        // A target chooses what its certificate says.
        await Store.AddMonitorAsync("a", Cancelled);
        var check = Check(1, Start);
        var issuer = "CN=a\0b" + (char)0xDC00 + new string('x', 5000);
        await Store.AppendChecksAsync(
            [check with { Result = check.Result with { Certificate = new CertificateFacts(DateTimeOffset.UnixEpoch, issuer) } }, Check(1, Start + 1)], Cancelled);

        var stored = await Store.ReadChecksAsync(new CheckQuery(1, 9), Cancelled);
        Assert.Equal(2, stored.Count);
        Assert.Equal("CN=a\uFFFDb\uFFFD" + new string('x', 249), stored[1].Result.Certificate!.Issuer);
    }

    [Fact]
    public async Task AppendChecks_OverSeveralDays_AreReadAsOneRow()
    {
        const long Day = 86_400_000;
        await Store.AddMonitorAsync("a", Cancelled);
        long[] dues = [Start + 3 * Day, Start, Start - Start % Day - 1, Start - Start % Day, Start + 400 * Day];
        var ids = await Store.AppendChecksAsync([.. dues.Select(due => Check(1, due))], Cancelled);

        Assert.Equal(ids.Order(), ids);
        Assert.Equal(dues.Order(), (await Store.ReadSamplesAsync(1, 0, long.MaxValue, Cancelled)).Select(sample => sample.DueTime));
        Assert.Equal(dues.Order().Skip(3), (await HistoryAsync(0, 2)).Tail.Select(sample => sample.DueTime));
        Assert.Equal(dues.OrderDescending(), (await Store.ReadChecksAsync(new CheckQuery(1, 9), Cancelled)).Select(check => check.Result.DueTime));
        Assert.Equal(3, await Store.DeleteBeforeAsync(Start + 1, Cancelled));
        Assert.Equal(Start + 3 * Day, await Store.ReadFirstDueAsync(1, 0, 0, Cancelled));
        Assert.Equal([0, 1], (await Store.AppendChecksAsync([Check(1, Start + 3 * Day), Check(1, Start)], Cancelled)).Select(id => Math.Sign(id)));
    }

    [Fact]
    public async Task ReadChecks_Page_IsNewestFirstThenHighestId()
    {
        await Store.SaveMonitorsAsync([NewMonitor("a"), NewMonitor("b")], Cancelled);
        await Store.AppendChecksAsync(
            [Check(1, Start + 1, location: "z"), Check(1, Start + 2), Check(1, Start + 1, location: "a"), Check(1, Start), Check(2, Start + 9)], Cancelled);

        var checks = await Store.ReadChecksAsync(new CheckQuery(1, 10), Cancelled);

        Assert.Equal([(Start + 2, "default"), (Start + 1, "a"), (Start + 1, "z"), (Start, "default")],
            checks.Select(check => (check.Result.DueTime, check.Result.Location)));
    }

    [Fact]
    public async Task ReadChecks_PagesByPosition_GiveEveryCheckOnceThoughNewOnesCome()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.AppendChecksAsync(
            [.. Enumerable.Range(0, 57).Select(i => Check(1, Start + i / 3, location: $"l{i % 3}"))], Cancelled);
        var whole = await Store.ReadChecksAsync(new CheckQuery(1, 1000), Cancelled);

        var paged = new List<StoredCheck>();
        CheckPosition? after = null;
        for (var page = await Read(); page.Count > 0; page = await Read())
        {
            paged.AddRange(page);
            after = new CheckPosition(page[^1].Result.DueTime, page[^1].Id);
            await Store.AppendChecksAsync([Check(1, Start + 1000 + paged.Count)], Cancelled);
        }

        Assert.Equal(57, whole.Count);
        Assert.Equal(whole, paged);

        Task<IReadOnlyList<StoredCheck>> Read() => Store.ReadChecksAsync(new CheckQuery(1, 10, After: after), Cancelled);
    }

    [Fact]
    public async Task ReadChecks_Since_IsInclusive()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.AppendChecksAsync([Check(1, Start), Check(1, Start + 1), Check(1, Start + 2)], Cancelled);

        Assert.Equal(2, (await Store.ReadChecksAsync(new CheckQuery(1, 10, Since: Start + 1), Cancelled)).Count);
        Assert.Empty(await Store.ReadChecksAsync(new CheckQuery(1, 10, Since: Start + 3), Cancelled));
        Assert.Empty(await Store.ReadChecksAsync(new CheckQuery(77, 10), Cancelled));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public async Task ReadChecks_LimitOutOfRange_IsTheCallersError(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadChecksAsync(new CheckQuery(1, limit), Cancelled));

    [Fact]
    public async Task ReadSamples_Range_IsInclusiveAndAscendingWithLateRowsInTheirPlace()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        NewCheck[] checks =
        [
            Check(1, Start + 30, Outcome.Down), Check(1, Start + 10, generation: 2), Check(1, Start + 40), Check(1, Start),
            Check(1, Start + 20, Outcome.Warn, kind: CheckKind.Manual, location: "other"),
        ];
        foreach (var check in checks)
            await Store.AppendChecksAsync([check], Cancelled);

        Assert.Equal(
            [Sample(checks[1]), Sample(checks[4]), Sample(checks[0])],
            await Store.ReadSamplesAsync(1, Start + 10, Start + 30, Cancelled));
        Assert.Empty(await Store.ReadSamplesAsync(1, Start + 30, Start + 10, Cancelled));
    }

    [Fact]
    public async Task ReadHistories_Newest_AreNotBeforeFrom()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.AppendChecksAsync([.. Enumerable.Range(0, 20).Select(i => Check(1, Start + i))], Cancelled);

        await IsAsync([Start + 17, Start + 18, Start + 19], 0, 3);
        await IsAsync([Start + 18, Start + 19], Start + 18, 5);
        await IsAsync([], 0, 0);
        Assert.Empty(await Store.ReadHistoriesAsync([], Cancelled));

        async Task IsAsync(long[] dues, long from, int count)
        {
            var history = await HistoryAsync(from, count);
            Assert.Equal(dues, history.Tail.Select(sample => sample.DueTime));
            Assert.Equal(dues.Reverse(), history.Newest.Select(check => check.Result.DueTime));
        }
    }

    [Fact]
    public async Task CountOutcomes_Bins_AlignToTheEpochAndLeaveOutManualAndOlderGenerations()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        await Store.AppendChecksAsync(
            [
                Check(1, 59_999), Check(1, 60_000), Check(1, 60_001, Outcome.Warn), Check(1, 60_002, kind: CheckKind.Manual),
                Check(1, 60_003, Outcome.Down, generation: 4), Check(1, 60_004, kind: CheckKind.First), Check(1, 180_000, Outcome.Error, generation: 5),
                Check(1, 180_001),
            ],
            Cancelled);

        Assert.Equal([new OutcomeBin(0, 1, 0), new OutcomeBin(60_000, 2, 2), new OutcomeBin(180_000, 1, 1)],
            await Store.CountOutcomesAsync(1, 0, 200_000, 60_000, 1, Cancelled));
        Assert.Equal([new OutcomeBin(60_000, 0, 1), new OutcomeBin(180_000, 0, 1)],
            await Store.CountOutcomesAsync(1, 0, 200_000, 60_000, 4, Cancelled));
        Assert.Equal([new OutcomeBin(60_000, 1, 2), new OutcomeBin(180_000, 0, 1)],
            await Store.CountOutcomesAsync(1, 60_001, 180_000, 60_000, 1, Cancelled));
    }

    [Fact]
    public async Task ReadFirstDue_SkipsManualAndOlderGenerations()
    {
        await Store.AddMonitorAsync("a", Cancelled);
        Assert.Null(await Store.ReadFirstDueAsync(1, 0, 1, Cancelled));
        await Store.AppendChecksAsync(
            [Check(1, Start, kind: CheckKind.Manual), Check(1, Start + 1), Check(1, Start + 2, generation: 2), Check(1, Start + 3, generation: 3)], Cancelled);

        Assert.Equal(Start + 1, await Store.ReadFirstDueAsync(1, 0, 1, Cancelled));
        Assert.Equal(Start + 2, await Store.ReadFirstDueAsync(1, Start + 2, 1, Cancelled));
        Assert.Equal(Start + 2, await Store.ReadFirstDueAsync(1, 0, 2, Cancelled));
        Assert.Null(await Store.ReadFirstDueAsync(1, 0, 4, Cancelled));
    }

    private async Task<StoredHistory> HistoryAsync(long from, int count) => Assert.Single(await Store.ReadHistoriesAsync(
        [
            new()
            {
                ServiceId = 1, CountsFrom = from, CountsFromGeneration = 0, WindowFrom = from, DayFrom = from, DayUntil = long.MaxValue, BinLength = 1, Votes = false,
                TailLength = count, NewestLength = count,
            },
        ],
        Cancelled));
}
