using System.Globalization;

namespace Contracts;

/// <summary>
/// Times as RFC 3339 writes them (<see href="https://www.rfc-editor.org/rfc/rfc3339#section-5.6"/>), read to the microsecond, as PostgreSQL keeps them.
/// </summary>
public static class Rfc3339
{
    private const int FractionDigits = 6;
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFzzz",
    ];

    /// <summary>
    /// The instant in UTC; false when the text is no RFC 3339 time. A fraction may have any number of digits, as clocks in nanoseconds print them.
    /// </summary>
    public static bool TryParse(string text, out DateTime utc)
    {
        utc = default;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            var end = point + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end])) end++;
            if (end == point + 1) return false;
            text = string.Concat(text.AsSpan(0, Math.Min(end, point + 1 + FractionDigits)), text.AsSpan(end));
        }

        if (!DateTimeOffset.TryParseExact(
            text.ToUpperInvariant(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return false;
        utc = time.UtcDateTime;
        return true;
    }
}
