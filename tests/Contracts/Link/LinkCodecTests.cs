using CsCheck;
using Google.Protobuf;
using HealthTrack.Contracts.Link;
using HealthTrack.Core.Assignments;
using HealthTrack.Core.Ports;
using Wire = HealthTrack.Contracts.Link.V1;

namespace HealthTrack.Contracts.Tests.Link;

public class LinkCodecTests
{
    [Fact]
    public void Hello_ThereAndBack_IsTheSame() =>
        LinkSamples.Hello.Sample(hello => Assert.Equal(hello, LinkCodec.ReadHello(Across(LinkCodec.Write(hello)))));

    [Fact]
    public void Results_ThereAndBack_AreTheSame() => Gen.Select(Gen.Long[0, long.MaxValue], LinkSamples.Result.List[0, 20]).Sample((sequence, results) =>
    {
        var back = Assert.IsType<ResultBatch>(LinkCodec.Read(Across(LinkCodec.Write(new ResultBatch(sequence, results))), "w"));
        Assert.Equal(sequence, back.Sequence);
        Assert.Equal(results, back.Results);
    });

    [Fact]
    public void Heartbeat_ThereAndBack_IsTheSame() =>
        LinkSamples.Heartbeat.Sample(beat => Assert.Equal(beat, LinkCodec.Read(Across(LinkCodec.Write(beat)), "w")));

    [Fact]
    public void Applied_ThereAndBack_IsTheSame() => Gen.Select(Gen.Long[0, 99], LinkSamples.Id.List[0, 5]).Sample((revision, ids) =>
    {
        var refused = ids.ConvertAll(id => new RefusedAssignment(id, "why not"));
        var back = Assert.IsType<AssignmentsApplied>(LinkCodec.Read(Across(LinkCodec.Write(new AssignmentsApplied(revision, refused))), "w"));
        Assert.Equal(revision, back.Revision);
        Assert.Equal(refused, back.Refused);
    });

    [Fact]
    public void SmallControlMessages_ThereAndBack_AreTheSame()
    {
        Assert.Equal(new Drain("done"), Back(new Drain("done")).Change);
        Assert.Equal(new ResultsAcknowledged(7), Back(new ResultsAcknowledged(7)).Change);
        Assert.Equal(new RunNow(new("u", "l"), 12), Back(new RunNow(new("u", "l"), 12)).Change);
        Assert.Equal(new WorkerLeaving("bye"), LinkCodec.Read(Across(LinkCodec.Write(new WorkerLeaving("bye"))), "w"));
    }

    [Fact]
    public void Assignments_ThereAndBack_AreTheSame() => Gen.Select(LinkSamples.Assigned.List[0, 4], LinkSamples.Id.List[0, 4], Gen.Bool).Sample(
        (upserts, removed, full) =>
        {
            var (message, refused) = Back(new AssignmentsChanged(3, full, upserts, removed));
            var back = Assert.IsType<AssignmentsChanged>(message);
            Assert.Empty(refused);
            Assert.Equal((3L, full), (back.Revision, back.Full));
            Assert.Equal(removed, back.Removed);
            Assert.Equal(upserts.Select(Flat), back.Upserts.Select(Flat));
            Assert.All(upserts.Zip(back.Upserts), pair => Assert.Equal(pair.First.Secrets, pair.Second.Secrets));
        },
        iter: 50);

    [Fact]
    public void Assignments_TenMebibytes_CrossInPiecesOfOneAndAreInForceOnce()
    {
        var upserts = Enumerable.Range(0, 160).Select(i => LinkSamples.Make(new($"u{i}", "default"), $"m{i}", padding: 60_000)).ToList();
        var pieces = LinkCodec.Write(new AssignmentsChanged(1, true, upserts, [])).ToList();
        var reader = new ControlReader();

        Assert.All(pieces, p => Assert.InRange(p.CalculateSize(), 1, LinkLimits.AssignmentsBytes + 1000));
        Assert.All(pieces.SkipLast(1), p => Assert.Null(reader.Read(Across(p))));
        var change = Assert.IsType<AssignmentsChanged>(reader.Read(Across(pieces[^1])));
        Assert.Equal(upserts.Select(u => u.Id), change.Upserts.Select(u => u.Id));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Assignments_OneIsLargerThanAMessageMayBe_IsLeftOutAndTheOthersGoOn(bool full)
    {
        var huge = LinkSamples.Make(new("u1", "default"), "huge", secret: new string('x', LinkLimits.ControlMessageBytes));
        var good = LinkSamples.Make(new("u2", "default"), "good");
        var left = new List<AssignmentId>();

        var pieces = LinkCodec.Write(new AssignmentsChanged(1, full, [huge, good], []), (id, _) => left.Add(id)).ToList();

        Assert.Equal([huge.Id], left);
        Assert.All(pieces, p => Assert.InRange(p.CalculateSize(), 1, LinkLimits.ControlMessageBytes));
        var change = Assert.IsType<AssignmentsChanged>(new ControlReader().Read(Across(Assert.Single(pieces))));
        Assert.Equal([good.Id], change.Upserts.Select(u => u.Id));
        Assert.Equal(full ? [] : [huge.Id], change.Removed);
    }

    [Fact]
    public void Assignments_OneCannotBeChecked_IsRefusedWithAReasonAndTheOthersGoOn()
    {
        var good = LinkSamples.Make(new("u1", "default"), "good");
        var unknown = LinkSamples.Make(new("u2", "default"), "unknown");
        unknown = unknown with { Manifest = unknown.Manifest.Replace("\"url\"", "\"quantum\":true,\"url\"", StringComparison.Ordinal) };
        var foreign = LinkSamples.Make(new("u3", "default"), "foreign") with { Manifest = good.Manifest };
        var bare = LinkSamples.Make(new("u4", "default"), "bare", secret: "hush") with { Secrets = good.Secrets };

        var (message, refused) = Back(new AssignmentsChanged(1, false, [unknown, foreign, bare, good, good with { Manifest = "{" }], []));

        var change = Assert.IsType<AssignmentsChanged>(message);
        Assert.Equal("good", Assert.Single(change.Upserts).Key.Name);
        Assert.Equal(["u2", "u3", "u4", "u1"], refused.Select(r => r.Id.Uid));
        Assert.Equal(refused.Select(r => r.Id), change.Removed);
        Assert.Contains("quantum", refused[0].Reason, StringComparison.Ordinal);
        Assert.Contains("secret s/k", refused[2].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(refused, r => r.Reason.Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public void Assignments_AnotherBeginsInTheMiddle_IsBroken()
    {
        var reader = new ControlReader();
        reader.Read(new Wire.ControlMessage { Assignments = new() { Revision = 1, Full = true, More = true } });
        Assert.Throws<BrokenMessageException>(() => reader.Read(new Wire.ControlMessage { Assignments = new() { Revision = 2 } }));
    }

    [Fact]
    public void Write_TextThatHasNoFormOnTheWire_IsCutAndMended()
    {
        var result = LinkSamples.Result.Single() with { Message = new string('x', LinkLimits.MessageLength - 1) + "😀", Certificate = new(DateTimeOffset.UnixEpoch, "\ud800" + new string('i', 400)) };
        var back = Assert.IsType<ResultBatch>(LinkCodec.Read(Across(LinkCodec.Write(new ResultBatch(1, [result]))), "w")).Results[0];
        Assert.Equal(new string('x', LinkLimits.MessageLength - 1), back.Message);
        Assert.Equal("\ufffd" + new string('i', LinkLimits.IssuerLength - 1), back.Certificate!.Issuer);
    }

    public static TheoryData<string, Action<Wire.Result>> BrokenResults => new()
    {
        { "uid", r => r.Uid = "" },
        { "uid", r => r.Uid = new string('u', 254) },
        { "location", r => r.Location = "" },
        { "outcome", r => r.Outcome = 4 },
        { "kind", r => r.Kind = 259 },
        { "latency", r => r.LatencyUs = -1 },
        { "latency", r => r.LatencyUs = long.MaxValue },
        { "TLS", r => r.TlsUs = -1 },
        { "generation", r => r.Generation = -1 },
        { "due", r => r.DueMs = long.MaxValue },
        { "start", r => r.StartedMs = -5 },
        { "certificate", r => r.CertificateNotAfterMs = long.MaxValue },
        { "issuer", r => (r.CertificateNotAfterMs, r.CertificateIssuer) = (1, new string('i', 257)) },
    };

    [Theory]
    [MemberData(nameof(BrokenResults))]
    public void Read_BrokenResult_SaysWhatIsWrong(string word, Action<Wire.Result> breaks)
    {
        var message = LinkCodec.Write(new ResultBatch(1, [LinkSamples.Result.Single()]));
        breaks(message.Results.Results_[0]);
        var broken = Assert.Throws<BrokenMessageException>(() => LinkCodec.Read(Across(message), "w"));
        Assert.Contains(word, broken.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, Action<Wire.Hello>> BrokenHellos => new()
    {
        { "id", h => h.WorkerId = "" },
        { "id", h => h.WorkerId = "a\nb" },
        { "pool", h => h.Pool = new string('p', 254) },
        { "version", h => h.Version = new string('v', 129) },
        { "capacity", h => h.Capacity = 1001 },
        { "sequence", h => h.LastSequence = -1 },
    };

    [Theory]
    [MemberData(nameof(BrokenHellos))]
    public void ReadHello_Broken_SaysWhatIsWrong(string word, Action<Wire.Hello> breaks)
    {
        var message = LinkCodec.Write(new WorkerHello("w", "default", "1"));
        breaks(message.Hello);
        Assert.Contains(word, Assert.Throws<BrokenMessageException>(() => LinkCodec.ReadHello(message)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_HelloLateOrMissingOrTooMuch_IsBroken()
    {
        var hello = LinkCodec.Write(new WorkerHello("w", "default", "1"));
        var many = new Wire.WorkerMessage { Results = new() };
        many.Results.Results_.Add(Enumerable.Range(0, LinkLimits.BatchResults + 1).Select(_ => new Wire.Result { Uid = "u", Location = "l" }));
        var beat = new Wire.WorkerMessage { Heartbeat = new() { LagP99Ms = double.NaN } };
        var refusals = new Wire.WorkerMessage { Applied = new() };
        refusals.Applied.Refused.Add(Enumerable.Range(0, LinkLimits.RefusedAssignments + 1).Select(_ => new Wire.Refused { Uid = "u", Location = "l" }));

        Assert.All([hello, many, beat, refusals], m => Assert.Throws<BrokenMessageException>(() => LinkCodec.Read(m, "w")));
        Assert.Throws<BrokenMessageException>(() => LinkCodec.ReadHello(beat));
    }

    [Fact]
    public void Read_KindOfALaterVersion_IsNothing()
    {
        byte[] later = [0xA2, 0x06, 0x00];
        Assert.Null(LinkCodec.Read(Wire.WorkerMessage.Parser.ParseFrom(later), "w"));
        Assert.Null(new ControlReader().Read(Wire.ControlMessage.Parser.ParseFrom(later)));
    }

    [Fact]
    public void Read_AnyBytes_IsAMessageOrBroken() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        try
        {
            LinkCodec.Read(Wire.WorkerMessage.Parser.ParseFrom(bytes), "w");
            new ControlReader().Read(Wire.ControlMessage.Parser.ParseFrom(bytes));
        }
        catch (Exception e) when (e is BrokenMessageException or InvalidProtocolBufferException)
        {
        }
    });

    private static (ControlMessage? Change, IReadOnlyList<RefusedAssignment> Refused) Back(ControlMessage message)
    {
        var reader = new ControlReader();
        var read = LinkCodec.Write(message).Select(wire => reader.Read(Across(wire))).ToList();
        Assert.All(read.SkipLast(1), Assert.Null);
        return (read[^1], reader.Refused);
    }

    private static Wire.WorkerMessage Across(Wire.WorkerMessage message) => Wire.WorkerMessage.Parser.ParseFrom(message.ToByteArray());

    private static Wire.ControlMessage Across(Wire.ControlMessage message) => Wire.ControlMessage.Parser.ParseFrom(message.ToByteArray());

    // What has no equality of its own is compared by its text.
    private static object Flat(Assignment a) => (a.Id, a.Key, a.Generation, a.Interval, a.Timeout, a.Check.ToString(), a.Manifest, a.CheckSoon);
}
