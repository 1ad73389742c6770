using System.Runtime.InteropServices;

namespace HealthTrack.EndToEnd.Tests.Packaging;

/// <summary>
/// What the images hold, made as the Dockerfile makes it: from the files that it copies and no others, by the command that it runs. The place of the base
/// images is taken by this machine's SDK and runtime. HEALTHTRACK_PUBLISHED names a folder that eng/publish.sh filled before, for who works on these tests.
/// </summary>
public sealed class PublishedImages : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _published = Environment.GetEnvironmentVariable("HEALTHTRACK_PUBLISHED");

    /// <summary>The folder that becomes an image's <c>/app</c>.</summary>
    public string App(string target) => Path.Combine(_published ?? _folder["out"], target);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (_published is not null)
            return;
        var dockerfile = new Dockerfile();
        foreach (var copy in dockerfile.Publish.Where(i => i.Name == "COPY"))
        {
            var paths = copy.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var source in paths[..^1])
                await CopyAsync(source, paths[^1].EndsWith('/') ? Path.Combine(paths[^1], Path.GetFileName(source)) : paths[^1]);
        }
        var run = dockerfile.Publish.First(i => i.Name == "RUN").Text;
        var command = run[run.IndexOf("sh ", StringComparison.Ordinal)..]
            .Replace("/out", _folder["out"], StringComparison.Ordinal)
            .Replace("\"$TARGETARCH\"", RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64", StringComparison.Ordinal);
        var (exitCode, output) = await Shell.RunAsync($"cd {_folder["source"]} && {command}", TimeSpan.FromMinutes(10));
        Assert.True(exitCode == 0, output);
        // An image's files are everybody's to read, and root's.
        await Shell.RunAsync($"chmod 0755 {_folder.Path}", TimeSpan.FromSeconds(10));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task CopyAsync(string source, string target)
    {
        var to = Path.Combine(_folder["source"], target);
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        // As .dockerignore says: nothing that was built here.
        var (exitCode, output) = await Shell.RunAsync(
            Directory.Exists(Repository.At(source))
                ? $"mkdir -p {to} && tar -C {Repository.At(source)} --exclude=bin --exclude=obj -cf - . | tar -C {to} -xf -"
                : $"cp {Repository.At(source)} {to}",
            TimeSpan.FromMinutes(1));
        Assert.True(exitCode == 0, output);
    }
}
