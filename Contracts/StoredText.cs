using System.Text;

namespace Contracts;

/// <summary>
/// Text from outside (a bank's message, a record's bytes, an answer's body) made fit for a text column, a log line or a JSON string. PostgreSQL refuses U+0000
/// in text (SQLSTATE 22021), and half of a surrogate pair has no UTF-8: either fails the statement that carries it, every time it is tried again.
/// </summary>
public static class StoredText
{
    /// <summary>The longest reason or message that is kept, in UTF-16 code units.</summary>
    public const int MaxLength = 500;

    /// <summary>
    /// Drops U+0000, replaces unpaired surrogates by U+FFFD, and cuts after the last whole code point that fits.
    /// </summary>
    /// <param name="text">Anything; null stays null.</param>
    /// <param name="maxLength">The longest result, in UTF-16 code units.</param>
    public static string? Clean(string? text, int maxLength = MaxLength)
    {
        if (text is null) return null;
        var clean = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > maxLength) break;
            if (rune.Value != 0) clean.Append(rune);
        }

        return clean.ToString();
    }
}
