using System.CommandLine;
using System.CommandLine.Invocation;
using HealthTrack.Contracts.Api;

namespace HealthTrack.Probe.Hosting;

/// <summary>The command line of <c>healthtrack-probe</c>. Every flag has an environment variable.</summary>
internal static class ProbeCommand
{
    private const int WrongUsage = 2;

    /// <summary>Runs the program.</summary>
    /// <returns>0 after an orderly stop, 1 where a setting is wrong, 2 where the command line is.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Root().Parse(arguments);
        // The sentence says what is wrong; the flags are there for whoever asks with --help.
        if (parsed.Action is ParseErrorAction error)
            error.ShowHelp = false;
        // The host hears the signals itself: a worker that hands over takes longer than the two seconds that it would be given here.
        var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? WrongUsage : code;
    }

    private static RootCommand Root()
    {
        var operators = new Option<string[]>("--operator")
        {
            Description = "Where the operators' link listens: HOST:8001, or https:// or http:// before it. All addresses of a name are tried; may be given more than "
                + "once. TLS is spoken but to this machine itself, or where http:// is given. [env: HEALTHTRACK_OPERATOR]",
            HelpName = "HOST:PORT,...",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("HEALTHTRACK_OPERATOR") is { Length: > 0 } value ? [value] : [],
        };
        var pool = Text("--pool", "HEALTHTRACK_POOL", "NAME", "The pool, that is the location, that checks are made from.", "default");
        var worker = Text("--worker-id", "HEALTHTRACK_WORKER_ID", "NAME", "Unique among the workers and the same after a restart; by default the machine's name.");
        var capacity = Text("--capacity", "HEALTHTRACK_CAPACITY", "N", "Its weight among the workers of its pool; by default the number of processors.");
        var token = Text("--token-file", "HEALTHTRACK_TOKEN_FILE", "FILE", "The bearer token that the operator knows this worker by; read again at each connect.");
        var ca = Text("--link-ca-file", "HEALTHTRACK_LINK_CA_FILE", "FILE", "The roots (PEM) of the operator's certificate; by default the system's.");
        var spool = Text("--spool", "HEALTHTRACK_SPOOL", "DIR", "A folder, for this worker alone, where results wait that are not acknowledged; by default they wait in memory.");
        var limit = Text("--spool-limit", "HEALTHTRACK_SPOOL_LIMIT", "SIZE", "What the spool may take: bytes, or with Ki, Mi, Gi.", "256Mi");
        var allow = Text("--allow-cidrs", "HEALTHTRACK_ALLOW_CIDRS", "A,B", "Ranges that may be probed although they are refused by default.");
        var deny = Text("--deny-cidrs", "HEALTHTRACK_DENY_CIDRS", "A,B", "Ranges that are never probed.");
        var bind = Text("--bind", "HEALTHTRACK_BIND", "ADDRESS", "The IP address that /metrics, /healthz and /readyz are served on.", "127.0.0.1");
        var port = Text("--admin-port", "HEALTHTRACK_ADMIN_PORT", "PORT", "Their port; 0 for any.", "8002");

        var root = new RootCommand("HealthTrack's probe worker: checks what an operator assigns to it, and sends the results back.")
        {
            operators, pool, worker, capacity, token, ca, spool, limit, allow, deny, bind, port, HealthCheck(),
        };
        root.SetAction((flags, stop) => ProbeHost.RunAsync(
            new ProbeSettings
            {
                Operators = [.. flags.GetValue(operators)!.SelectMany(Split)],
                Pool = flags.GetValue(pool)!,
                WorkerId = flags.GetValue(worker) ?? Environment.MachineName,
                Capacity = flags.GetValue(capacity),
                TokenFile = flags.GetValue(token),
                CaFile = flags.GetValue(ca),
                Spool = flags.GetValue(spool),
                SpoolLimit = flags.GetValue(limit)!,
                AllowCidrs = Split(flags.GetValue(allow) ?? ""),
                DenyCidrs = Split(flags.GetValue(deny) ?? ""),
                Bind = flags.GetValue(bind)!,
                AdminPort = flags.GetValue(port)!,
            },
            stop));
        return root;
    }

    private static Command HealthCheck()
    {
        var bind = Text("--bind", "HEALTHTRACK_BIND", "ADDRESS", "The address that it listens on.", "127.0.0.1");
        var port = Text("--admin-port", "HEALTHTRACK_ADMIN_PORT", "PORT", "Its admin port.", "8002");
        var check = new Command("healthcheck", "Asks the worker that runs on this machine whether it can check. Exit code: 0 it can, 1 it cannot.") { bind, port };
        check.SetAction(async (flags, stop) =>
        {
            var settings = new ProbeSettings { Operators = [], Bind = flags.GetValue(bind)!, AdminPort = flags.GetValue(port)! };
            if (settings.Port is { } number)
                return await LocalHealth.AskAsync(settings.Bind, number, Console.Out, Console.Error, stop);
            await Console.Error.WriteLineAsync($"--admin-port must be 1 to 65535; it is '{settings.AdminPort}'.".AsMemory(), stop);
            return 1;
        });
        return check;
    }

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static Option<string?> Text(string name, string variable, string helpName, string text, string? preset = null) =>
        new(name)
        {
            Description = $"{text} [env: {variable}]",
            HelpName = helpName,
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : preset,
        };
}
