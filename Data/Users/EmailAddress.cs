using System.Globalization;

namespace Data.Users;

/// <summary>What we take for an e-mail address: something, one @, something. Whether mail arrives there, only mail can tell.</summary>
public static class EmailAddress
{
    /// <summary>RFC 5321, 4.5.3.1.3, less the angle brackets.</summary>
    public const int MaxLength = 254;

    /// <summary>The rule, to be read after the field's name.</summary>
    public static readonly string Rule = string.Create(
        CultureInfo.InvariantCulture, $"must be an e-mail address of at most {MaxLength} characters without spaces, such as alice@example.com");

    /// <summary>As it is stored, in lower case; null when it is none.</summary>
    public static string? Normalized(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var isOne = text.Length <= MaxLength && at > 0 && at < text.Length - 1 && at == text.LastIndexOf('@') && text.All(IsVisible);
        return isOne ? text.ToLowerInvariant() : null;
    }

    // No NUL among them, which PostgreSQL's text does not take, and no half of a surrogate pair.
    private static bool IsVisible(char letter) => !char.IsWhiteSpace(letter) && !char.IsControl(letter) && !char.IsSurrogate(letter)
        && char.GetUnicodeCategory(letter) is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
