using System.Globalization;

namespace Data.Users;

/// <summary>The accepted form of an e-mail address: text, one @, text. Whether mail arrives there is not checked.</summary>
public static class EmailAddress
{
    /// <summary>RFC 5321, 4.5.3.1.3, less the angle brackets.</summary>
    public const int MaxLength = 254;

    /// <summary>The rule as a regular expression, for OpenAPI documents.</summary>
    public const string Pattern = @"^[^@\s]+@[^@\s]+$";

    /// <summary>The rule; it follows the field's name in messages.</summary>
    public static readonly string Rule = string.Create(
        CultureInfo.InvariantCulture, $"must be an e-mail address of at most {MaxLength} characters without spaces, such as alice@example.com");

    /// <summary>The address as it is stored, in lower case; null when it is invalid.</summary>
    public static string? Normalized(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var isOne = text.Length <= MaxLength && at > 0 && at < text.Length - 1 && at == text.LastIndexOf('@') && text.All(IsVisible);
        return isOne ? text.ToLowerInvariant() : null;
    }

    // Excludes NUL, which PostgreSQL's text does not accept, and halves of surrogate pairs.
    private static bool IsVisible(char letter) => !char.IsWhiteSpace(letter) && !char.IsControl(letter) && !char.IsSurrogate(letter)
        && char.GetUnicodeCategory(letter) is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
