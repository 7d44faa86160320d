using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Data.Users;

/// <summary>
/// A user's API key: <c>ak_</c> and 32 random bytes in base64url, 46 characters in all. With 256 bits of its own a plain SHA-256 keeps it: there
/// is nothing to guess.
/// </summary>
/// <param name="Text">What the user is shown, once.</param>
/// <param name="Hash">What is stored.</param>
public sealed record ApiKey(string Text, byte[] Hash)
{
    private const string Prefix = "ak_";
    private const int RandomBytes = 32;

    private static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(RandomBytes);
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>A new one.</summary>
    public static ApiKey New()
    {
        var text = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        return new(text, HashOf(text));
    }

    /// <summary>Whether it can be a user's key at all; what cannot need not be looked for.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Letters);

    /// <summary>SHA-256 of its UTF-8, 32 bytes.</summary>
    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Without the key: what is printed by accident must not be one.</summary>
    public override string ToString() => $"{Prefix}...";
}
