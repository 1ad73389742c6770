using System.Globalization;
using System.Text;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>Reads the text of a JSONPath from left to right. Nothing in it calls itself, so no text is too deep.</summary>
internal sealed class JsonPathReader(string text)
{
    // What ends a name without quotes, or shows that it was meant as something else.
    private const string NoName = ".[]()'\"*\\ \t\r\n,?=!&|<>$";

    private int _at;

    private bool AtEnd => _at == text.Length;

    /// <returns>Null where the text is no path.</returns>
    public List<JsonPathStep>? ReadAll()
    {
        var steps = new List<JsonPathStep>();
        var rooted = Take("$");
        while (!AtEnd)
        {
            var descends = Take("..");
            // "status" stands for "$.status".
            var dotted = descends || Take(".") || (!rooted && steps.Count == 0);
            var selector = Take("[") ? Bracket() : dotted ? NameOrAll() : null;
            if (selector is null)
                return null;
            steps.Add(new JsonPathStep(selector, descends));
        }
        return rooted || steps.Count > 0 ? steps : null;
    }

    private JsonPathSelector? Bracket()
    {
        Blanks();
        var selector = Take("?") ? Filter() : Take("*") ? new JsonPathWildcard() : NameOrIndex();
        Blanks();
        return Take("]") ? selector : null;
    }

    private JsonPathSelector? NameOrAll() => Take("*") ? new JsonPathWildcard() : Bare() is { } name ? new JsonPathName(name) : null;

    private JsonPathSelector? NameOrIndex()
    {
        if (Quoted() is { } name)
            return new JsonPathName(name);
        var start = _at;
        Take("-");
        while (!AtEnd && char.IsAsciiDigit(text[_at]))
            _at++;
        return int.TryParse(text.AsSpan(start, _at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            ? new JsonPathIndex(index)
            : null;
    }

    // ?(@.type == 'Ready'), with or without the parentheses.
    private JsonPathFilter? Filter()
    {
        Blanks();
        var open = Take("(");
        Blanks();
        if (!Take("@"))
            return null;
        var value = new List<JsonPathSelector>();
        while (!AtEnd && text[_at] is '.' or '[')
        {
            JsonPathSelector? part;
            if (Take("["))
            {
                part = NameOrIndex();
                if (!Take("]"))
                    return null;
            }
            else
            {
                Take(".");
                part = Bare() is { } name ? new JsonPathName(name) : null;
            }
            if (part is null)
                return null;
            value.Add(part);
        }
        Blanks();
        bool? comparison = Take("==") ? true : Take("!=") ? false : null;
        var (literal, isText) = ("", false);
        if (comparison is not null)
        {
            Blanks();
            if (Literal() is not { } given)
                return null;
            (literal, isText) = given;
        }
        Blanks();
        return open && !Take(")") ? null : new JsonPathFilter(value, comparison, literal, isText);
    }

    private (string Text, bool IsText)? Literal()
    {
        if (Quoted() is { } quoted)
            return (quoted, true);
        var start = _at;
        while (!AtEnd && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '.' or '-' or '+'))
            _at++;
        var bare = text[start.._at];
        return bare is "true" or "false" or "null" || decimal.TryParse(bare, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? (bare, false) : null;
    }

    private string? Bare()
    {
        var start = _at;
        while (!AtEnd && !NoName.Contains(text[_at], StringComparison.Ordinal))
            _at++;
        return _at > start ? text[start.._at] : null;
    }

    private string? Quoted()
    {
        if (AtEnd || text[_at] is not ('\'' or '"'))
            return null;
        var (quote, start) = (text[_at], _at);
        var read = new StringBuilder();
        for (_at++; !AtEnd; _at++)
        {
            if (text[_at] == quote)
            {
                _at++;
                return read.ToString();
            }
            // A backslash takes the character after it as it is.
            if (text[_at] == '\\' && _at + 1 < text.Length)
                _at++;
            read.Append(text[_at]);
        }
        _at = start;
        return null;
    }

    private void Blanks()
    {
        while (!AtEnd && text[_at] == ' ')
            _at++;
    }

    private bool Take(string what)
    {
        if (string.CompareOrdinal(text, _at, what, 0, what.Length) != 0)
            return false;
        _at += what.Length;
        return true;
    }
}
