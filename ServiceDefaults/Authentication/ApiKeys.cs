using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Authentication;

/// <summary>
/// The configured keys, as SHA-256 only. A key has at least 128 bits of its own, so a plain hash is enough: there is nothing to guess.
/// </summary>
internal sealed class ApiKeys(IOptions<AuthOptions> options)
{
    private const string HashPrefix = "sha256:";
    private const int MinKeyLength = 16;

    private readonly byte[][] _ordinary = [.. options.Value.ApiKeys.Select(HashOf)];
    private readonly byte[][] _admin = [.. options.Value.AdminKeys.Select(HashOf)];

    /// <summary>Whether there is any key that opens /admin.</summary>
    public bool HasAdmin => _admin.Length > 0;

    public static bool IsWellFormed(string key) => key.StartsWith(HashPrefix, StringComparison.Ordinal)
        ? key.Length == HashPrefix.Length + 2 * SHA256.HashSizeInBytes && key.Skip(HashPrefix.Length).All(char.IsAsciiHexDigit)
        : key.Length >= MinKeyLength;

    /// <summary>Whether a key is in both lists, in whatever form: then everybody who may send webhooks would be an administrator.</summary>
    public static bool Overlap(AuthOptions auth) =>
        auth.ApiKeys.Where(IsWellFormed).Select(HashOf).Any(key => IsOneOf(auth.AdminKeys.Where(IsWellFormed).Select(HashOf), key));

    /// <summary>True when <paramref name="key"/> is one of the keys. Looks at all of them, each in constant time.</summary>
    public bool Accepts(string key, out bool isAdmin)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
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
