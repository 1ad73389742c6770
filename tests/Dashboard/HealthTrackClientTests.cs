using System.Net;
using HealthTrack.Contracts.Api;
using HealthTrack.Dashboard.Api;

namespace HealthTrack.Dashboard.Tests;

public sealed class HealthTrackClientTests
{
    private const int Long = 32 * 1024 * 1024;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_VeryLongProblem_IsNotReadToItsEnd()
    {
        using var body = new Blanks();
        var problem = await Client(HttpStatusCode.BadGateway, body).RunAsync(1, Stop);
        Assert.Equal("The API answered 502 Bad Gateway.", problem!.Message);
        Assert.InRange(body.Position, 1, Long / 16);
    }

    [Fact]
    public async Task CreateAsync_VeryLongEcho_IsNotReadToItsEndAndCountsAsDone()
    {
        using var body = new Blanks();
        var (row, problem) = await Client(HttpStatusCode.Created, body).CreateAsync(new NewService { Name = "a" }, Stop);
        Assert.Null(row);
        Assert.Null(problem);
        Assert.InRange(body.Position, 1, Long / 16);
    }

    [Fact]
    public async Task CreateAsync_EchoIsNoRow_CountsAsDone()
    {
        using var body = new MemoryStream("<p>Created</p>"u8.ToArray());
        Assert.Equal((null, null), await Client(HttpStatusCode.Created, body).CreateAsync(new NewService { Name = "a" }, Stop));
    }

    private static HealthTrackClient Client(HttpStatusCode status, Stream body) =>
        new(new HttpClient(new Answer(status, body)) { BaseAddress = new Uri("http://127.0.0.1:8000/") });

    private sealed class Answer(HttpStatusCode status, Stream body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StreamContent(body) });
    }

    // Blanks, which JSON may begin with, and how many of them were read. It cannot be sought, so that its length is not known before.
    private sealed class Blanks : Stream
    {
        private long read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var some = (int)Math.Min(count, Long - read);
            buffer.AsSpan(offset, some).Fill((byte)' ');
            read += some;
            return some;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
