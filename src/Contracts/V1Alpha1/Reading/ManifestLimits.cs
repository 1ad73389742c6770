using System.Globalization;

namespace HealthTrack.Contracts.V1Alpha1.Reading;

/// <summary>How large a manifest may be. Far above what a monitor needs, low enough that no text can exhaust the process.</summary>
internal static class ManifestLimits
{
    /// <summary>Bytes of UTF-8 of a whole text; etcd holds no larger object either.</summary>
    public const int Bytes = 1024 * 1024;

    /// <summary>Mappings and lists inside one another. The schema needs 8.</summary>
    public const int Depth = 32;

    /// <summary>Documents in one text.</summary>
    public const int Documents = 1000;

    /// <summary>Characters and nodes of a document with its aliases written out.</summary>
    public const long Weight = 4 * 1024 * 1024;

    /// <summary>Problems that are told of one document.</summary>
    public const int Errors = 50;

    public static ManifestSyntaxException TooDeep(int line) =>
        new(string.Create(CultureInfo.InvariantCulture, $"nests more than {Depth} mappings and lists: no field of a monitor lies that deep"), line);

    public static ManifestSyntaxException TooHeavy(int line) =>
        new("grows beyond 4 MiB when its YAML aliases are written out: write the values themselves", line);
}
