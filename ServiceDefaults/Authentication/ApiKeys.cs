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

    private readonly byte[][] _hashes = [.. options.Value.ApiKeys.Select(HashOf)];

    public static bool IsWellFormed(string key) => key.StartsWith(HashPrefix, StringComparison.Ordinal)
        ? key.Length == HashPrefix.Length + 2 * SHA256.HashSizeInBytes && key.Skip(HashPrefix.Length).All(char.IsAsciiHexDigit)
        : key.Length >= MinKeyLength;

    /// <summary>True when <paramref name="key"/> is one of the keys. Looks at all of them, each in constant time.</summary>
    public bool Accepts(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(key), hash);
        var accepted = false;
        foreach (var known in _hashes) accepted |= CryptographicOperations.FixedTimeEquals(hash, known);
        return accepted;
    }

    private static byte[] HashOf(string key) => key.StartsWith(HashPrefix, StringComparison.Ordinal)
        ? Convert.FromHexString(key.AsSpan(HashPrefix.Length))
        : SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
