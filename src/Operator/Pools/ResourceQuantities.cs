using System.Text.RegularExpressions;

namespace HealthTrack.Operator.Pools;

/// <summary>Quantities of resources as a flag gives them: <c>cpu=50m,memory=64Mi</c>.</summary>
internal static partial class ResourceQuantities
{
    /// <summary>The quantities by the name of the resource.</summary>
    /// <param name="text">Null or empty: none.</param>
    /// <returns>Null where it is no such list. A name or a quantity that <c>spec.resources</c> of a pool would refuse is none either.</returns>
    public static IReadOnlyDictionary<string, string>? Parse(string? text)
    {
        var quantities = new Dictionary<string, string>();
        foreach (var item in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Item().Match(item) is not { Success: true } match || !quantities.TryAdd(match.Groups[1].Value, match.Groups[2].Value))
                return null;
        }
        return quantities;
    }

    [GeneratedRegex(@"^([A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?)=([0-9]+(?:\.[0-9]+)?(?:m|k|Ki|M|Mi|G|Gi|T|Ti)?)$", RegexOptions.NonBacktracking)]
    private static partial Regex Item();
}
