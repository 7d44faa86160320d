using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ServiceDefaults.Problems;

namespace Ingest.Api.Transactions;

/// <summary>The signature that senders must send. Section <c>WebhookSignature</c>; without secrets none is required.</summary>
internal sealed class SignatureOptions
{
    public const string Section = "WebhookSignature";
    private const string Prefix = "whsec_";
    private const int MinSecretBytes = 24;

    /// <summary>
    /// Standard Webhooks secrets: <c>whsec_</c> and 24-64 bytes in base64. A signature by any of them is accepted, so that one can be
    /// replaced without a gap.
    /// </summary>
    public string[] Secrets { get; set; } = [];

    /// <summary>How far webhook-timestamp may be from now, either way: an older one may be a replay.</summary>
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);

    public static bool IsWellFormed(string secret) => KeyOf(secret) is { Length: >= MinSecretBytes };

    public static byte[]? KeyOf(string secret)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        var key = new byte[secret.Length];
        return Convert.TryFromBase64String(secret[Prefix.Length..], key, out var length) ? key[..length] : null;
    }
}

/// <summary>
/// Checks a request against the Standard Webhooks specification 1.0 (<see href="https://www.standardwebhooks.com"/>): the HMAC-SHA256 of
/// <c>{webhook-id}.{webhook-timestamp}.{body}</c>, in base64, after <c>v1,</c>; several signatures may stand in the header.
/// </summary>
internal sealed class SignatureCheck(IOptions<SignatureOptions> options, TimeProvider clock)
{
    private const string Version = "v1,";

    private readonly byte[][] _keys = [.. options.Value.Secrets.Select(secret => SignatureOptions.KeyOf(secret)!)];

    /// <summary>True when requests must be signed.</summary>
    public bool IsRequired => _keys.Length > 0;

    /// <summary>Null when the signature is good, else the 401 that says what is wrong with it.</summary>
    public Problem? Refuse(IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        if (Single(headers, "webhook-id") is not { } id
            || Single(headers, "webhook-timestamp") is not { } timestamp
            || Single(headers, "webhook-signature") is not { } signatures)
        {
            return Unsigned("The headers webhook-id, webhook-timestamp and webhook-signature are needed, once each.");
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return Unsigned("webhook-timestamp must be the time of sending in whole seconds since 1970.");
        if (Math.Abs(clock.GetUtcNow().ToUnixTimeSeconds() - (double)seconds) > options.Value.Tolerance.TotalSeconds)
            return Unsigned($"webhook-timestamp is more than {options.Value.Tolerance.TotalMinutes:0.#} minutes from now. Sign the request anew.");

        return IsSigned(id, timestamp, signatures, body) ? null : Unsigned("webhook-signature does not match the body under any secret in use.");
    }

    private bool IsSigned(string id, string timestamp, string signatures, ReadOnlySpan<byte> body)
    {
        var prefix = Encoding.UTF8.GetBytes($"{id}.{timestamp}.");
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var signed = false;
        foreach (var key in _keys)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hmac.AppendData(prefix);
            hmac.AppendData(body);
            hmac.GetHashAndReset(expected);
            foreach (var part in signatures.AsSpan().Split(' '))
            {
                var signature = signatures.AsSpan(part);
                signed |= signature.StartsWith(Version)
                    && Convert.TryFromBase64Chars(signature[Version.Length..], given, out var length)
                    && length == given.Length
                    && CryptographicOperations.FixedTimeEquals(expected, given);
            }
        }

        return signed;
    }

    private static string? Single(IHeaderDictionary headers, string name) => headers[name] is [{ Length: > 0 } value] ? value : null;

    private static Problem Unsigned(string detail) => new(StatusCodes.Status401Unauthorized, "invalid_signature", detail);
}
