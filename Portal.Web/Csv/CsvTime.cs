using System.Globalization;

namespace Portal.Web.Csv;

/// <summary>Times in files: as the API says them.</summary>
internal static class CsvTime
{
    /// <summary>The time, UTC; null for none.</summary>
    public static string? Of(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
