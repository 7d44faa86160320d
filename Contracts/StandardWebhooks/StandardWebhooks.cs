using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Contracts;

/// <summary>
/// Signs and verifies webhooks by the Standard Webhooks specification 1.0 (<see href="https://www.standardwebhooks.com"/>): HMAC-SHA256 of
/// <c>{webhook-id}.{webhook-timestamp}.{body}</c>, in base64 after <c>v1,</c>. The body is signed as the bytes that are sent.
/// </summary>
public static class StandardWebhooks
{
    /// <summary>The header with the message's id, the same on every attempt to deliver it.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header with the time of the attempt, in whole seconds since 1970.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header with one or more signatures, separated by spaces.</summary>
    public const string SignatureHeader = "webhook-signature";

    private const string Version = "v1,";

    /// <summary>
    /// Makes the value of <see cref="SignatureHeader"/>: one signature for each secret, so that a receiver may know either while a secret is replaced.
    /// </summary>
    /// <param name="secrets">One or more.</param>
    /// <param name="id">The value of <see cref="IdHeader"/>.</param>
    /// <param name="timestamp">The value of <see cref="TimestampHeader"/>.</param>
    /// <param name="body">The bytes that are sent.</param>
    /// <exception cref="ArgumentException">There is no secret.</exception>
    public static string Sign(IReadOnlyList<WebhookSecret> secrets, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        if (secrets.Count == 0) throw new ArgumentException("A webhook is signed with at least one secret.", nameof(secrets));
        var prefix = PrefixOf(id, timestamp);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var signatures = new StringBuilder();
        foreach (var secret in secrets)
        {
            Hash(secret, prefix, body, hash);
            if (signatures.Length > 0) signatures.Append(' ');
            signatures.Append(Version).Append(Convert.ToBase64String(hash));
        }

        return signatures.ToString();
    }

    /// <summary>Verifies a signature. The time that the comparison takes tells nothing about the right signature.</summary>
    /// <param name="secrets">A signature by any of them is valid.</param>
    /// <param name="id">The value of <see cref="IdHeader"/>.</param>
    /// <param name="timestamp">The value of <see cref="TimestampHeader"/>.</param>
    /// <param name="signatures">The value of <see cref="SignatureHeader"/>; one valid signature among several is enough.</param>
    /// <param name="body">The bytes that were received.</param>
    /// <param name="now">The receiver's time.</param>
    /// <param name="tolerance">The largest distance between the timestamp and now, in either direction: an older message is a replay.</param>
    public static WebhookVerification Verify(
        IReadOnlyList<WebhookSecret> secrets, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now, TimeSpan tolerance)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return WebhookVerification.MalformedTimestamp;

        // As double: the difference of two longs can overflow.
        if (Math.Abs(now.ToUnixTimeSeconds() - (double)seconds) > tolerance.TotalSeconds) return WebhookVerification.OutsideTolerance;
        var prefix = PrefixOf(id, timestamp);
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isValid = false;
        foreach (var secret in secrets)
        {
            Hash(secret, prefix, body, expected);
            isValid |= Contains(signatures, expected);
        }

        return isValid ? WebhookVerification.Valid : WebhookVerification.NoMatch;
    }

    private static bool Contains(string signatures, ReadOnlySpan<byte> expected)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var isContained = false;
        foreach (var part in signatures.AsSpan().Split(' '))
        {
            var signature = signatures.AsSpan(part);
            isContained |= signature.StartsWith(Version)
                && Convert.TryFromBase64Chars(signature[Version.Length..], given, out var length)
                && length == given.Length
                && CryptographicOperations.FixedTimeEquals(expected, given);
        }

        return isContained;
    }

    // The id comes from a header, whose bytes the services read as Latin-1: so the signature is over the bytes that were sent.
    private static byte[] PrefixOf(string id, string timestamp) => Encoding.Latin1.GetBytes($"{id}.{timestamp}.");

    private static void Hash(WebhookSecret secret, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, Span<byte> hash)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Key);
        hmac.AppendData(prefix);
        hmac.AppendData(body);
        hmac.GetHashAndReset(hash);
    }
}

/// <summary>The result of verifying a webhook's signature.</summary>
public enum WebhookVerification
{
    /// <summary>The signature is valid.</summary>
    Valid,

    /// <summary>The timestamp is not a whole number of seconds since 1970.</summary>
    MalformedTimestamp,

    /// <summary>The timestamp is too far from the receiver's time.</summary>
    OutsideTolerance,

    /// <summary>No signature matches under any of the secrets.</summary>
    NoMatch,
}

/// <summary>A secret of Standard Webhooks: <c>whsec_</c> and its bytes in base64.</summary>
public sealed class WebhookSecret
{
    /// <summary>The fewest bytes that are accepted: the specification's lower limit.</summary>
    public const int MinBytes = 24;

    private const string Prefix = "whsec_";

    /// <summary>Bytes of a new secret: as many as an HMAC-SHA256 uses fully.</summary>
    private const int NewBytes = 32;

    private readonly byte[] _key;

    private WebhookSecret(byte[] key) => _key = key;

    internal ReadOnlySpan<byte> Key => _key;

    /// <summary>Makes a new secret.</summary>
    /// <param name="fill">Fills a span with random bytes: <see cref="RandomNumberGenerator.Fill"/>.</param>
    public static WebhookSecret New(Action<Span<byte>> fill)
    {
        var key = new byte[NewBytes];
        fill(key);
        return new(key);
    }

    /// <summary>Reads a secret; returns null when the text is not <c>whsec_</c> and at least <see cref="MinBytes"/> bytes in base64.</summary>
    public static WebhookSecret? Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text[Prefix.Length..], key, out var length) && length >= MinBytes ? new(key[..length]) : null;
    }

    /// <summary>The secret as <see cref="Parse"/> reads it. Shown once, to the receiver.</summary>
    public string Reveal() => Prefix + Convert.ToBase64String(_key);

    /// <summary>Without the secret: a log must not contain it.</summary>
    public override string ToString() => $"{Prefix}...";
}
