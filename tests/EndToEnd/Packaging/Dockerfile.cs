using System.Text.Json;

namespace HealthTrack.EndToEnd.Tests.Packaging;

/// <summary>The Dockerfile as its instructions, by stage.</summary>
internal sealed class Dockerfile
{
    private readonly Dictionary<string, List<Instruction>> _stages = [];

    /// <summary>Reads the repository's own.</summary>
    public Dockerfile()
    {
        List<Instruction>? stage = null;
        var text = File.ReadAllText(Repository.At("Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal);
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var instruction = new Instruction(line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim());
            if (instruction.Name == "FROM")
                _stages.Add(instruction.Text[(instruction.Text.LastIndexOf(" AS ", StringComparison.Ordinal) + 4)..], stage = []);
            stage?.Add(instruction);
        }
    }

    /// <summary>The stage that compiles.</summary>
    public IReadOnlyList<Instruction> Publish => _stages["publish"];

    /// <summary>The stages that an image is made of, which start from the common one.</summary>
    public IReadOnlyList<string> Targets => [.. _stages.Where(s => s.Value[0].Text.StartsWith("base ", StringComparison.Ordinal)).Select(s => s.Key)];

    /// <summary>The common stage.</summary>
    public IReadOnlyList<Instruction> Base => _stages["base"];

    /// <summary>The instructions of an image.</summary>
    public IReadOnlyList<Instruction> Of(string target) => _stages[target];

    /// <summary>What an image starts: a program and its arguments, in exec form, for there is no shell.</summary>
    public string[] Entrypoint(string target) => JsonSerializer.Deserialize<string[]>(Single(target, "ENTRYPOINT"))!;

    /// <summary>What an image's health check runs.</summary>
    public string[] HealthCheck(string target)
    {
        var text = Single(target, "HEALTHCHECK");
        return JsonSerializer.Deserialize<string[]>(text[(text.IndexOf("CMD ", StringComparison.Ordinal) + 4)..])!;
    }

    private string Single(string target, string name) => _stages[target].Single(i => i.Name == name).Text;

    /// <summary>One instruction.</summary>
    /// <param name="Name">Such as COPY.</param>
    /// <param name="Text">The rest of its line.</param>
    internal sealed record Instruction(string Name, string Text);
}
