namespace HealthTrack.Architecture.Tests;

/// <summary>Who may know whom. A rule returns what breaks it, one sentence each.</summary>
internal static class ProjectRules
{
    // The arrows of the design. A project that is not here does not exist.
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Core"] = [],
        ["Contracts"] = ["Core"],
        ["Engine"] = ["Core", "Contracts"],
        ["Probe"] = ["Core", "Contracts"],
        ["Operator"] = ["Core", "Contracts", "Engine", "Probe"],
        ["Dashboard"] = ["Core", "Contracts"],
        ["Standalone"] = ["Core", "Contracts", "Engine", "Probe", "Dashboard"],
    };

    // Projects that others build on carry few packages, each agreed on.
    private static readonly Dictionary<string, string[]> Packages = new()
    {
        ["Core"] = [],
        ["Contracts"] = ["Google.Protobuf", "Grpc.Core.Api", "Grpc.Tools", "YamlDotNet"],
    };

    public static IEnumerable<string> Arrow(Repository repository)
    {
        foreach (var file in repository.Projects("src"))
        {
            var name = NameOf(file);
            if (!Arrows.TryGetValue(name, out var allowed))
            {
                yield return $"{file}: a project that the design does not know.";
                continue;
            }
            if (file != $"src/{name}/HealthTrack.{name}.csproj")
                yield return $"{file}: belongs at src/{name}/HealthTrack.{name}.csproj.";
            foreach (var reference in repository.Includes(file, "ProjectReference"))
            {
                if (!allowed.Contains(NameOf(reference)))
                    yield return $"{file}: may not refer to {NameOf(reference)}.";
            }
            foreach (var reference in repository.Includes(file, "Reference"))
                yield return $"{file}: refers to the assembly {reference}; refer to a project or a package.";
        }
    }

    public static IEnumerable<string> Package(Repository repository)
    {
        foreach (var file in repository.Projects("src"))
        {
            var name = NameOf(file);
            foreach (var package in repository.Includes(file, "PackageReference"))
            {
                if (Packages.TryGetValue(name, out var allowed) && !allowed.Contains(package))
                    yield return $"{file}: may not use {package}.";
                if (package.StartsWith("KubernetesClient", StringComparison.Ordinal) && name != "Operator")
                    yield return $"{file}: only the operator may use {package}.";
            }
            if (name == "Core" && repository.Includes(file, "FrameworkReference").Any())
                yield return $"{file}: Core is plain .NET.";
        }
    }

    public static IEnumerable<string> Pin(Repository repository)
    {
        const string Central = "Directory.Packages.props";
        var pins = repository.Xml(Central).Descendants("PackageVersion").ToDictionary(e => (string)e.Attribute("Include")!, e => (string?)e.Attribute("Version") ?? "");
        foreach (var (package, version) in pins)
        {
            if (version.Length == 0 || version.IndexOfAny(['*', '[', '(', ',']) >= 0)
                yield return $"{Central}: {package} is at '{version}', which is not one version.";
        }
        foreach (var file in repository.Files.Where(f => Path.GetExtension(f) is ".csproj" or ".props" or ".targets"))
        {
            foreach (var reference in repository.Xml(file).Descendants("PackageReference"))
            {
                var package = (string?)reference.Attribute("Include") ?? (string?)reference.Attribute("Update") ?? "";
                if (reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null || reference.Element("Version") is not null)
                    yield return $"{file}: {package} has a version of its own; it belongs in {Central}.";
                if (!pins.ContainsKey(package))
                    yield return $"{file}: {package} is not pinned in {Central}.";
            }
        }
    }

    public static IEnumerable<string> Solution(Repository repository)
    {
        const string File = "HealthTrack.slnx";
        var listed = repository.Xml(File).Descendants("Project").Select(p => (string)p.Attribute("Path")!).ToHashSet();
        var there = new[] { "src", "tests", "bench" }.SelectMany(repository.Projects).ToHashSet();
        return there.Except(listed).Select(p => $"{File}: {p} is missing.")
            .Concat(listed.Except(there).Select(p => $"{File}: {p} does not exist."));
    }

    private static string NameOf(string project) =>
        Path.GetFileNameWithoutExtension(project.Replace('\\', '/')).Replace("HealthTrack.", "", StringComparison.Ordinal);
}
