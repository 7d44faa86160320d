using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Data.Users;

/// <summary>
/// A user's API key: <c>ak_</c> and 32 random bytes in base64url, 46 characters in all. A key with 256 random bits cannot be
/// guessed, so a plain SHA-256 protects it.
/// </summary>
/// <param name="Text">The key, which the user is shown once.</param>
/// <param name="Hash">Its SHA-256, which is stored.</param>
public sealed record ApiKey(string Text, byte[] Hash)
{
    private const string Prefix = "ak_";
    private const int RandomBytes = 32;

    private static readonly int Length = Prefix.Length + Base64Url.GetEncodedLength(RandomBytes);
    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Makes a new key.</summary>
    public static ApiKey New()
    {
        var text = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        return new(text, HashOf(text));
    }

    /// <summary>Whether a text can be a user's key; others need no lookup.</summary>
    public static bool IsWellFormed(string text) =>
        text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Letters);

    /// <summary>SHA-256 of the text's UTF-8, 32 bytes.</summary>
    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>Without the key, so that it is not logged by accident.</summary>
    public override string ToString() => $"{Prefix}...";
}
