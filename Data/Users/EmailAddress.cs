using System.Globalization;
using System.Text;
using Npgsql;

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

    // With InvariantGlobalization string.Normalize returns its text unchanged: .NET takes the data from ICU, which a machine need not have. PostgreSQL has
    // them.
    private const string ToNormalForm = "SELECT normalize($1, NFC)";

    /// <summary>Whether a text is an e-mail address.</summary>
    public static bool IsWellFormed(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return text.Length <= MaxLength && at > 0 && at < text.Length - 1 && at == text.LastIndexOf('@') && text.All(IsVisible);
    }

    /// <summary>
    /// The address as it is stored and looked up: in lower case and in Unicode's normal form C, so that an address is one however a keyboard composes its
    /// letters. Null when it is invalid. One round trip, for an address that is not ASCII.
    /// </summary>
    /// <param name="database">The database; sessions that cannot write suffice.</param>
    /// <param name="text">Any text.</param>
    /// <param name="cancellationToken">Cancels the statement.</param>
    public static async Task<string?> NormalizedAsync(NpgsqlDataSource database, string text, CancellationToken cancellationToken)
    {
        if (!IsWellFormed(text)) return null;
        if (Ascii.IsValid(text)) return text.ToLowerInvariant();
        await using var command = database.CreateCommand(ToNormalForm);
        command.Parameters.Add(Parameter.Text(LowerCase(text)));
        var email = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        return IsWellFormed(email) ? email : null;
    }

    // .NET leaves the dotted capital I as it is, but not its decomposed form, to which it is equal.
    private static string LowerCase(string text) => text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();

    // Excludes NUL, which PostgreSQL's text does not accept, and halves of surrogate pairs.
    private static bool IsVisible(char letter) => !char.IsWhiteSpace(letter) && !char.IsControl(letter) && !char.IsSurrogate(letter)
        && char.GetUnicodeCategory(letter) is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
