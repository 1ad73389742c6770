using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>
/// What a plain scalar means: YAML 1.2's core schema (section 10.3.2), so <c>yes</c> and <c>on</c> are texts and <c>0o17</c> is a number.
/// </summary>
internal static partial class YamlScalars
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    /// <exception cref="ManifestSyntaxException">An unknown tag, a tag that the text does not fit, or a text that is no Unicode.</exception>
    public static ScalarNode Read(Scalar scalar, int line)
    {
        var text = WellFormed(scalar.Value, line);
        if (scalar.Tag.IsEmpty)
            return scalar.Style == ScalarStyle.Plain ? Plain(text, line) : new ScalarNode(line, ScalarKind.Text, text);
        if (scalar.Tag.IsNonSpecific || scalar.Tag.Value == TagPrefix + "str")
            return new ScalarNode(line, ScalarKind.Text, text);
        var plain = Plain(text, line);
        var fits = scalar.Tag.Value switch
        {
            TagPrefix + "null" => plain.Kind is ScalarKind.Null,
            TagPrefix + "bool" => plain.Kind is ScalarKind.Bool,
            TagPrefix + "int" => plain.Kind is ScalarKind.Integer,
            TagPrefix + "float" => plain.Kind is ScalarKind.Integer or ScalarKind.Number,
            _ => false,
        };
        return fits ? plain : throw new ManifestSyntaxException("uses a YAML tag that a manifest has no use for: leave the tag out", line);
    }

    /// <summary>The same text, where every surrogate has its other half: JSON can hold no other.</summary>
    public static string WellFormed(string text, int line)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new ManifestSyntaxException("holds half a surrogate pair, which is no character", line);
            i++;
        }
        return text;
    }

    private static ScalarNode Plain(string text, int line)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return new ScalarNode(line, ScalarKind.Null, "null");
            case "true" or "True" or "TRUE":
                return new ScalarNode(line, ScalarKind.Bool, "true");
            case "false" or "False" or "FALSE":
                return new ScalarNode(line, ScalarKind.Bool, "false");
        }
        // A number longer than any field's is left a text: it is refused as one, and costs no parsing.
        if (text.Length > 40 || !(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
            return new ScalarNode(line, ScalarKind.Text, text);
        if (Integer().IsMatch(text) && Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return new ScalarNode(line, ScalarKind.Integer, integer.ToString(CultureInfo.InvariantCulture));
        if (text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
            return new ScalarNode(line, ScalarKind.Integer, hex.ToString(CultureInfo.InvariantCulture));
        if (Octal().IsMatch(text))
            return new ScalarNode(line, ScalarKind.Integer, Convert.ToUInt64(text[2..], 8).ToString(CultureInfo.InvariantCulture));
        if (Number().IsMatch(text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number))
            return new ScalarNode(line, ScalarKind.Number, number.ToString("R", CultureInfo.InvariantCulture));
        // .inf and .nan are numbers to YAML, but JSON has no such value and no field wants one.
        return new ScalarNode(line, ScalarKind.Text, text);
    }

    [GeneratedRegex(@"^[-+]?[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^0o[0-7]{1,21}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
