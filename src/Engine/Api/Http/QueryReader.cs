using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace HealthTrack.Engine.Api.Http;

/// <summary>Reads parameters of a query, and says what would be right where one is wrong.</summary>
internal static partial class QueryReader
{
    // The year 9999: what DateTimeOffset ends with.
    private const long LastInstant = 253_402_300_799_999;

    /// <summary>The text of a parameter; null where it is not given or empty.</summary>
    public static string? Text(this IQueryCollection query, string name)
    {
        var values = query[name];
        if (values.Count > 1)
            throw Bad(name, "is given twice: give it once");
        return string.IsNullOrEmpty(values) ? null : values.ToString();
    }

    /// <summary>A whole number within bounds.</summary>
    public static int Whole(this IQueryCollection query, string name, int otherwise, int min, int max)
    {
        if (query.Text(name) is not { } text)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw Bad(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"));
    }

    /// <summary>An instant as ms since the Unix epoch: RFC 3339, or that number itself.</summary>
    public static long? Instant(this IQueryCollection query, string name)
    {
        if (query.Text(name) is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var millis) && millis <= LastInstant)
            return millis;
        // A plus that was not escaped arrives as a space.
        var time = text.Replace(' ', '+');
        if (Rfc3339().IsMatch(time) && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant))
            return instant.ToUnixTimeMilliseconds();
        throw Bad(name, "must be a time such as 2030-01-31T12:00:00Z, or ms since the Unix epoch");
    }

    /// <summary>The refusal of a parameter.</summary>
    public static RefusedException Bad(string name, string problem) =>
        new(StatusCodes.Status400BadRequest, $"The query parameter {name} {problem}.");

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
