using System.Globalization;

namespace Portal.Web.Webhooks;

/// <summary>Times of <c>datetime-local</c> fields, which have no zone. Ours are in UTC, and say so.</summary>
internal static class UtcText
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF"];

    /// <summary>The field's text as the API takes it. What is no time stays as it is: the API says what is wrong with it.</summary>
    public static string? ToApi(string? field) =>
        string.IsNullOrWhiteSpace(field) ? null
        : DateTime.TryParseExact(field, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
        : field;

    /// <summary>A time as the field shows it, to the second.</summary>
    public static string ToField(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
}
