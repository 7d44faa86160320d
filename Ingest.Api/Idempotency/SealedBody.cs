using System.Security.Cryptography;
using System.Text;

namespace Ingest.Api.Idempotency;

/// <summary>
/// Encrypts a stored answer that holds a secret, such as a new user's API key: AES-256-GCM with a key derived (HKDF-SHA256) from the credential of the caller.
/// That credential is stored nowhere, so the database alone gives nothing away, and whoever repeats the request brings it along.
/// The other choices: not to store the secret, and give the repeat a new one, would change a key that is in use whenever a set-up script runs twice; a key in
/// the configuration would be one more secret to rotate.
/// </summary>
internal static class SealedBody
{
    private const int NonceBytes = 12, TagBytes = 16, KeyBytes = 32;

    /// <summary>Nonce, tag and ciphertext.</summary>
    public static byte[] Seal(byte[] body, string credential, RequestKey request)
    {
        var box = new byte[NonceBytes + TagBytes + body.Length];
        var nonce = box.AsSpan(0, NonceBytes);
        var tag = box.AsSpan(NonceBytes, TagBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(KeyOf(credential, request), TagBytes);
        aes.Encrypt(nonce, body, box.AsSpan(NonceBytes + TagBytes), tag);
        return box;
    }

    /// <summary>The body; null when it was sealed with another credential.</summary>
    public static byte[]? Open(byte[] box, string credential, RequestKey request)
    {
        if (box.Length < NonceBytes + TagBytes) return null;
        var body = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(KeyOf(credential, request), TagBytes);
        try
        {
            aes.Decrypt(box.AsSpan(0, NonceBytes), box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), body);
            return body;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] KeyOf(string credential, RequestKey request) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(credential), KeyBytes,
        salt: Encoding.UTF8.GetBytes($"{request.Scope}\n{request.Key}"), info: "AspireWebhooks idempotency reply"u8.ToArray());
}
