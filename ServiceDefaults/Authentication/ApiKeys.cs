using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Authentication;

/// <summary>
/// The configured keys, as SHA-256 hashes. A key has at least 128 random bits, so a plain hash cannot be reversed by guessing.
/// </summary>
internal sealed class ApiKeys(IOptions<AuthOptions> options)
{
    private const string HashPrefix = "sha256:";
    private const int MinKeyLength = 16;

    private readonly byte[][] _ordinary = [.. options.Value.ApiKeys.Select(HashOf)];
    private readonly byte[][] _admin = [.. options.Value.AdminKeys.Select(HashOf)];

    /// <summary>Whether an admin key is configured.</summary>
    public bool HasAdmin => _admin.Length > 0;

    /// <summary>Whether paths that take an ordinary key are open to callers without one: none is configured, and that is meant.</summary>
    public bool AreNotNeeded => options.Value.LetsInWithoutKey(areProtectedOtherwise: false);

    public static bool IsWellFormed(string key) => key.StartsWith(HashPrefix, StringComparison.Ordinal)
        ? key.Length == HashPrefix.Length + 2 * SHA256.HashSizeInBytes && key.Skip(HashPrefix.Length).All(char.IsAsciiHexDigit)
        : key.Length >= MinKeyLength;

    /// <summary>Whether a key is in both lists, in either form; every sender of webhooks would then be an administrator.</summary>
    public static bool Overlap(AuthOptions auth) =>
        auth.ApiKeys.Where(IsWellFormed).Select(HashOf).Any(key => IsOneOf(auth.AdminKeys.Where(IsWellFormed).Select(HashOf), key));

    /// <summary>Returns true when <paramref name="key"/> is one of the keys. Compares it with all of them, each in constant time.</summary>
    public bool Accepts(string key, out bool isAdmin)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];

        // The key comes from a header, whose bytes are read as Latin-1; a key with other characters is sent in UTF-8, as it is hashed in HashOf.
        SHA256.HashData(Encoding.Latin1.GetBytes(key), hash);
        isAdmin = IsOneOf(_admin, hash);
        return IsOneOf(_ordinary, hash) | isAdmin;
    }

    private static bool IsOneOf(IEnumerable<byte[]> hashes, ReadOnlySpan<byte> hash)
    {
        var found = false;
        foreach (var known in hashes) found |= CryptographicOperations.FixedTimeEquals(hash, known);
        return found;
    }

    private static byte[] HashOf(string key) => key.StartsWith(HashPrefix, StringComparison.Ordinal)
        ? Convert.FromHexString(key.AsSpan(HashPrefix.Length))
        : SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
