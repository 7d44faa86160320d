using System.Globalization;

namespace Portal.Web.Operator.Wallets;

/// <summary>Times as the forms of browsers send them, without a zone: they are UTC.</summary>
internal static class WalletTime
{
    /// <summary>A <c>datetime-local</c> as the API takes it; what is none is returned as it is, and the API says what is wrong.</summary>
    public static string ToApi(string text) => Parse(text) is { } at ? at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : text;

    /// <summary>The time; null for what is none.</summary>
    public static DateTime? Parse(string? text) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
