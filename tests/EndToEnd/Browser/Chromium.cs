using Microsoft.Playwright;

namespace HealthTrack.EndToEnd.Browser;

/// <summary>
/// The machine's own Chromium, driven by Playwright: <c>HEALTHTRACK_CHROMIUM</c>, else <c>chromium</c>, <c>chromium-browser</c> or
/// <c>google-chrome</c> on the PATH. Nothing is downloaded: Playwright's package brings its driver, and the browser is the system's.
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    public const string Variable = "HEALTHTRACK_CHROMIUM";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private readonly IPlaywright playwright;

    private Chromium(IPlaywright playwright, IBrowser browser) => (this.playwright, Browser) = (playwright, browser);

    public IBrowser Browser { get; }

    /// <summary>Starts it without a window.</summary>
    /// <exception cref="FileNotFoundException">There is none; the message says how to get one.</exception>
    public static async Task<Chromium> StartAsync()
    {
        var path = Find();
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        var playwright = await Playwright.CreateAsync();
        try
        {
            var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = path,
                // No sandbox: it does not run as root. The rest: a browser that calls nobody.
                Args =
                [
                    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu",
                    "--no-first-run",
                ],
            });
            return new Chromium(playwright, browser);
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        playwright.Dispose();
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new FileNotFoundException($"{Variable} names {named}, which is not there.");
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"No Chromium on this machine: install one (on Debian: apt-get install chromium) or name one in {Variable}.");
    }
}
