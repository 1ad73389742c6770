using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace HealthTrack.Dashboard.Tests;

public sealed class ExplainTests
{
    private static readonly DashboardOptions Options = new() { Port = 80, Bind = "192.0.2.1", PortFlag = "--dashboard-port" };

    [Fact]
    public void Explain_PortTaken_NamesPortAddressAndFlag() => Assert.Equal(
        "Port 80 on 192.0.2.1 is taken: stop what listens there, or choose another with --dashboard-port.",
        DashboardApp.Explain(new IOException("in use", new AddressInUseException("in use")), Options));

    [Fact]
    public void Explain_PortNeedsRights_SaysWhichPortsDoNot() => Assert.Equal(
        "This user may not listen on port 80: choose one from 1024 with --dashboard-port.",
        DashboardApp.Explain(new SocketException((int)SocketError.AccessDenied), Options));

    [Fact]
    public void Explain_AddressOfAnotherMachine_NamesIt() => Assert.Equal(
        "This machine has no address 192.0.2.1: choose another with --bind.",
        DashboardApp.Explain(new SocketException((int)SocketError.AddressNotAvailable), Options));

    [Fact]
    public void Explain_WrongOptions_SaysEachOnALine()
    {
        var wrong = Options with { Port = -1, Bind = "here" };
        var refused = Assert.Throws<OptionsValidationException>(() => DashboardApp.Build(wrong));
        Assert.Equal(string.Join(Environment.NewLine, wrong.Problems()), DashboardApp.Explain(refused, wrong));
    }

    [Fact]
    public void Explain_AnotherFailure_IsNull()
    {
        Assert.Null(DashboardApp.Explain(new IOException("disk full"), Options));
        Assert.Null(DashboardApp.Explain(new SocketException((int)SocketError.HostNotFound), Options));
        Assert.Null(DashboardApp.Explain(new OptionsValidationException("", typeof(string), ["of something else"]), Options));
    }
}
