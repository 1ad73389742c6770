using System.Globalization;
using System.Text;
using HealthTrack.Core.Checks;

namespace HealthTrack.Contracts.V1Alpha1;

/// <summary>Names of resources out of what people call them.</summary>
public static class Slug
{
    // A label's value holds 63 characters, and names end up in labels.
    private const int MaxLength = 63;

    /// <summary>
    /// A valid <c>metadata.name</c>: lower-case ASCII letters and digits, everything between them one dash, at most 63 characters. A name without
    /// any of them gives <c>monitor-</c> and a hash of it. Different names may give the same slug: collisions are the caller's matter.
    /// </summary>
    public static string Of(string name)
    {
        var slug = new StringBuilder();
        foreach (var character in name)
        {
            if (char.IsAsciiLetterOrDigit(character))
                slug.Append(char.ToLowerInvariant(character));
            else if (slug.Length > 0 && slug[^1] != '-')
                slug.Append('-');
            if (slug.Length == MaxLength)
                break;
        }
        var text = slug.ToString().Trim('-');
        return text.Length > 0
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"monitor-{(uint)StableHash.Of(name, ""):x8}");
    }
}
