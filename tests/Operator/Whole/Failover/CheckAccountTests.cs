using HealthTrack.Core.Checks;

namespace HealthTrack.Operator.Tests.Whole.Failover;

/// <summary>An account that could find nothing would prove nothing.</summary>
public sealed class CheckAccountTests
{
    private const string Uid = "0b8f1c1e-0000-4000-8000-000000000001";
    private const long Step = 2000;
    private static readonly long Phase = DueTimes.Phase(Uid, "default", Step);

    [Fact]
    public void Add_EveryDueTimeStored_FindsNothing()
    {
        var account = Account([.. Enumerable.Range(0, 20).Select(i => Check(i, "a"))], []);
        Assert.Equal((20, 0, 0, 0), (account.Due, account.TakenAlong, account.Missing.Count, account.Unexpected.Count));
    }

    [Fact]
    public void Add_OneMissing_FindsIt()
    {
        var account = Account([.. Enumerable.Range(0, 20).Where(i => i != 7).Select(i => Check(i, "a"))], []);
        Assert.Equal(new Irregularity("shop", Phase + (7 * Step), "a", "a"), Assert.Single(account.Missing));
    }

    [Fact]
    public void Add_TakenAlongByAKilledWorker_Explains()
    {
        var checks = Enumerable.Range(0, 20).Where(i => i is < 7 or > 11).Select(i => Check(i, i < 7 ? "a" : "b")).ToList();
        var account = Account(checks, [new("a", Phase + (7 * Step) + 100)]);
        Assert.Equal((5, 0), (account.TakenAlong, account.Missing.Count));
    }

    [Fact]
    public void Add_MissingAtAnotherWorkerOrTooLate_IsNotExplained()
    {
        var checks = Enumerable.Range(0, 20).Where(i => i is < 7 or > 14).Select(i => Check(i, i < 7 ? "a" : "b")).ToList();
        Assert.Equal(2, Account(checks, [new("a", Phase + (7 * Step) + 100)]).Missing.Count);
        Assert.Equal(8, Account(checks, [new("b", Phase + (7 * Step) + 100)]).Missing.Count);
    }

    [Fact]
    public void Add_MissingWhileTheWorkerStillStored_IsNotExplainedByItsDeath()
    {
        var checks = Enumerable.Range(0, 20).Where(i => i != 3 && i is < 15 or > 17).Select(i => Check(i, i < 15 ? "a" : "b")).ToList();
        var account = Account(checks, [new("a", Phase + (15 * Step) + 100)]);
        Assert.Equal((3, 1), (account.TakenAlong, account.Missing.Count));
    }

    [Fact]
    public void Add_OffTheGrid_FindsIt()
    {
        var account = Account([.. Enumerable.Range(0, 20).Select(i => Check(i, "a")), new(Phase + Step + 1, CheckKind.Scheduled, "a")], []);
        Assert.Single(account.Unexpected);
    }

    private static AccountedCheck Check(int i, string worker) => new(Phase + (i * Step), CheckKind.Scheduled, worker);

    private static CheckAccount Account(IReadOnlyList<AccountedCheck> checks, IReadOnlyList<WorkerDeath> deaths)
    {
        var account = new CheckAccount();
        account.Add("shop", Uid, "default", TimeSpan.FromMilliseconds(Step), checks, Phase, Phase + (19 * Step), deaths);
        return account;
    }
}
