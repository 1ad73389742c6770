using System.Globalization;
using HealthTrack.Core.Monitors;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>Collects what is wrong with one document, and knows the line of every field.</summary>
internal sealed class Findings
{
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Problem, int Line)> _found = [];
    private int _left;

    public bool Any => _found.Count > 0;

    /// <summary>Remembers where a field is.</summary>
    public void Locate(string path, int line)
    {
        if (line > 0)
            _lines.TryAdd(path, line);
    }

    /// <param name="path">The field.</param>
    /// <param name="problem">What is wrong and what would be right, without path, line and full stop.</param>
    /// <param name="line">Where; 0: where the field is, or what it would lie in.</param>
    public void Add(string path, string problem, int line = 0)
    {
        _broken.Add(path);
        if (_found.Count == ManifestLimits.Errors)
            _left++;
        else
            _found.Add((path, problem, line > 0 ? line : LineOf(path)));
    }

    /// <summary>Whether one of these fields has been found wrong, so that a rule that reads it would only repeat the complaint.</summary>
    public bool Broken(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (_broken.Contains(path))
                return true;
        }
        return false;
    }

    /// <summary>The findings by line.</summary>
    public IReadOnlyList<FieldError> ToErrors()
    {
        if (!Any)
            return [];
        var errors = _found
            .OrderBy(f => f.Line)
            .Select(f => new FieldError(f.Path, f.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{f.Problem} (line {f.Line})") : f.Problem))
            .ToList();
        if (_left > 0)
            errors.Add(new FieldError("", string.Create(CultureInfo.InvariantCulture, $"{_left} more problems are not listed: mend these first")));
        return errors;
    }

    private int LineOf(string path)
    {
        while (path.Length > 0)
        {
            if (_lines.TryGetValue(path, out var line))
                return line;
            var end = path.AsSpan().LastIndexOfAny('.', '[');
            path = end < 0 ? "" : path[..end];
        }
        return _lines.GetValueOrDefault("");
    }
}
