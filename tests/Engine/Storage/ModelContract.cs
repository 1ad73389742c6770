using CsCheck;
using HealthTrack.Core.Checks;
using HealthTrack.Engine.Storage;
using static HealthTrack.Engine.Tests.Storage.StoreSamples;

namespace HealthTrack.Engine.Tests.Storage;

/// <summary>The contract's part that compares a store with a list, over random histories.</summary>
public abstract class ModelContract : ResultStoreContract
{
    private const int Services = 3;
    private const int Span = 40; // due times collide often

    /// <summary>How many histories are tried: fewer where a new place takes long.</summary>
    protected virtual int Histories => 60;

    private static readonly Gen<NewCheck> Checks = Gen.Select(
        Gen.Long[1, Services], Gen.Long[0, Span], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Long[1, 3], Gen.Int[0, 2],
        (service, due, outcome, kind, generation, location) =>
            Check(service, Start + due, (Outcome)outcome, $"l{location}", generation, (CheckKind)kind));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (6, Checks.Array[0, 12].Select(checks => (Step)new Append(checks))),
        (1, Gen.Long[0, Span].Select(due => (Step)new Delete(Start + due))),
        (1, Gen.Const((Step)new Reopen())));

    private abstract record Step;

    private sealed record Append(NewCheck[] Checks) : Step;

    private sealed record Delete(long Before) : Step;

    private sealed record Reopen : Step;

    [Fact]
    public async Task Store_RandomHistories_AnswersAsAListWould() =>
        await Gen.Select(Steps.Array[1, 12], Gen.Long[0, Span], Gen.Long[0, Span], Gen.Int[1, 15], Gen.Long[1, 3])
            .SampleAsync(
                async (steps, from, until, count, generation) =>
                {
                    await RemovePlaceAsync();
                    await CreatePlaceAsync();
                    await ReopenAsync();
                    await RunAsync(steps, Start + from, Start + until, count, generation);
                },
                iter: Histories,
                threads: 1);

    private async Task RunAsync(Step[] steps, long from, long until, int count, long generation)
    {
        await Store.SaveMonitorsAsync([.. Enumerable.Range(1, Services).Select(i => NewMonitor($"m{i}"))], Cancelled);
        var model = new List<(long Id, NewCheck Check)>();
        foreach (var step in steps)
            await ApplyAsync(step, model);
        // Of one service twice, of one that was never seen, and all of them differently.
        HistoryQuery[] queries =
        [
            .. Enumerable.Range(1, Services).Append(1).Append(Services + 5).Select((service, i) => new HistoryQuery
            {
                ServiceId = service, CountsFrom = from + i, CountsFromGeneration = generation, WindowFrom = from + 2 * i, DayFrom = from + i, DayUntil = until + i, BinLength = 7 + i,
                Votes = i % 2 == 1, TailLength = count + i, NewestLength = count,
            }),
        ];
        var histories = await Store.ReadHistoriesAsync(queries, Cancelled);
        Assert.Equal(queries.Length, histories.Count);
        for (var i = 0; i < queries.Length; i++)
            await IsAsAskedOneByOneAsync(queries[i], histories[i], [.. model.Where(row => row.Check.ServiceId == queries[i].ServiceId)]);

        for (var service = 1L; service <= Services; service++)
        {
            var rows = model.Where(row => row.Check.ServiceId == service).OrderBy(row => row.Check.Result.DueTime).ThenBy(row => row.Id).ToList();
            var counted = rows.Where(row => row.Check.Result is { Kind: not CheckKind.Manual } result && result.Generation >= generation)
                .Select(row => row.Check.Result).ToList();
            var samples = rows.Select(row => Sample(row.Check)).ToList();

            Assert.Equal(rows.AsEnumerable().Reverse().Take(count).Select(row => row.Id), (await PageAsync(service, count)).Select(check => check.Id));
            Assert.Equal(samples.Where(s => s.DueTime >= from && s.DueTime <= until), await Store.ReadSamplesAsync(service, from, until, Cancelled));
            Assert.Equal(
                counted.Where(r => r.DueTime >= from).Select(r => (long?)r.DueTime).FirstOrDefault(),
                await Store.ReadFirstDueAsync(service, from, generation, Cancelled));
            Assert.Equal(
                counted.Where(r => r.DueTime >= from && r.DueTime <= until).GroupBy(r => r.DueTime - r.DueTime % 7).OrderBy(bin => bin.Key)
                    .Select(bin => new OutcomeBin(bin.Key, bin.Count(r => r.Outcome == Outcome.Ok), bin.Count(r => r.Outcome != Outcome.Ok))),
                await Store.CountOutcomesAsync(service, from, until, 7, generation, Cancelled));
        }
    }

    private async Task IsAsAskedOneByOneAsync(HistoryQuery query, StoredHistory history, List<(long Id, NewCheck Check)> model)
    {
        var service = query.ServiceId;
        var rows = model.OrderBy(row => row.Check.Result.DueTime).ThenBy(row => row.Id).Where(row => row.Check.Result.DueTime >= query.CountsFrom).ToList();

        Assert.Equal(await Store.ReadSamplesAsync(service, query.WindowFrom, long.MaxValue, Cancelled), history.Samples);
        Assert.Equal(query.Votes ? await Store.ReadSamplesAsync(service, query.DayFrom, long.MaxValue, Cancelled) : [], history.Votes);
        Assert.Equal(
            query.Votes ? [] : await Store.CountOutcomesAsync(service, query.DayFrom, query.DayUntil, query.BinLength, query.CountsFromGeneration, Cancelled), history.Uptime);
        Assert.Equal(await Store.ReadFirstDueAsync(service, query.CountsFrom, query.CountsFromGeneration, Cancelled), history.FirstDue);
        Assert.Equal(rows.TakeLast(query.TailLength).Select(row => Sample(row.Check)), history.Tail);
        Assert.Equal(await Store.ReadChecksAsync(new CheckQuery(service, query.NewestLength, Since: query.CountsFrom), Cancelled), history.Newest);
    }

    private Task<IReadOnlyList<StoredCheck>> PageAsync(long service, int count) => Store.ReadChecksAsync(new CheckQuery(service, count), Cancelled);

    private async Task ApplyAsync(Step step, List<(long Id, NewCheck Check)> model)
    {
        switch (step)
        {
            case Append append:
                var ids = await Store.AppendChecksAsync(append.Checks, Cancelled);
                for (var i = 0; i < ids.Count; i++)
                {
                    var known = model.Exists(row => Identity(row.Check) == Identity(append.Checks[i]));
                    Assert.Equal(known, ids[i] == 0);
                    if (!known)
                        model.Add((ids[i], append.Checks[i]));
                }

                break;
            case Delete delete:
                var gone = model.RemoveAll(row => row.Check.Result.DueTime < delete.Before);
                Assert.Equal(gone, await Store.DeleteBeforeAsync(delete.Before, Cancelled));
                break;
            case Reopen:
                await ReopenAsync();
                break;
        }
    }

    private static (long Service, string Location, long Due) Identity(NewCheck check) =>
        (check.ServiceId, check.Result.Location, check.Result.DueTime);
}
