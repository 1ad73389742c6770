using System.Buffers.Text;
using System.Text;
using HealthTrack.Operator.Trust;

namespace HealthTrack.Operator.Tests.Trust;

public sealed class JwtPayloadTests
{
    [Theory]
    [InlineData("""{"aud":["healthtrack","x"],"exp":1893456000}""", 2, 1893456000000L)]
    [InlineData("""{"aud":"healthtrack","exp":1893456000.5}""", 1, 1893456000500L)]
    [InlineData("""{"aud":[1,null,"a"],"exp":"soon"}""", 1, null)]
    [InlineData("""{"aud":{"a":1},"exp":1e300}""", 0, null)]
    [InlineData("""{"exp":-1}""", 0, null)]
    [InlineData("""{"aud":"\ud800","exp":1893456000}""", 0, null)]
    [InlineData("""[1]""", 0, null)]
    [InlineData("nothing", 0, null)]
    public void Read_Claims_AreReadOrLeftOut(string json, int audiences, long? expiry)
    {
        var payload = JwtPayload.Read($"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json))}.sig");
        Assert.Equal(audiences, payload.Audiences.Count);
        Assert.Equal(expiry, payload.Expiry);
    }

    [Theory]
    [InlineData("")]
    [InlineData("opaque")]
    [InlineData("a.!!.c")]
    [InlineData("a.b.c.d")]
    [InlineData("..")]
    public void Read_NoSuchToken_SaysNothing(string token) => Assert.Equal(JwtPayload.None, JwtPayload.Read(token));
}
