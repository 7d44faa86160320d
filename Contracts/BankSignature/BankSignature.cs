using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Contracts;

/// <summary>
/// The signature of a bank's callback: hex HMAC-SHA256 over all of the body's members but <c>signature</c>, printed anew as Python's
/// <c>json.dumps(members, separators=(',',':'), sort_keys=True)</c> prints what <c>json.loads(body)</c> read. That makes the signature independent of the
/// order of members, of spaces, and of how a number or a character is written.
/// </summary>
/// <remarks>
/// Three steps, so that a caller can tell a body that cannot be read (400) from one that is not the bank's (401):
/// <see cref="TryCanonicalize(ReadOnlySpan{byte}, IBufferWriter{byte}, out string)"/>, then <see cref="Matches"/> for what came or <see cref="Sign"/> for what
/// goes out.
/// </remarks>
public static class BankSignature
{
    /// <summary>The deepest nesting of objects and arrays, as in System.Text.Json. Python's limit is about 1000.</summary>
    public const int MaxDepth = 64;

    /// <summary>Writes the text that is signed, and returns the signature that came with it.</summary>
    /// <param name="body">
    /// The request's body as it came: one JSON object in UTF-8 without a byte order mark, at most <see cref="MaxDepth"/> deep. Read as
    /// Python 3.11 reads it: NaN, Infinity and -Infinity are numbers; of members with the same name the last one counts; integers keep all
    /// their digits, up to 4300 (more is refused, as Python does); other numbers are doubles.
    /// </param>
    /// <param name="text">Receives the signed text, which is ASCII. Nothing is written to it when the result is false.</param>
    /// <param name="signature">The value of the member <c>signature</c>; null when there is none or when it is no string.</param>
    /// <returns>False: the body is not such an object.</returns>
    public static bool TryCanonicalize(ReadOnlySpan<byte> body, IBufferWriter<byte> text, out string? signature) =>
        TryCanonicalize(body, text, out signature, out _);

    /// <summary>The same, and says which member appears more than once.</summary>
    /// <param name="body">As above.</param>
    /// <param name="text">As above.</param>
    /// <param name="signature">As above.</param>
    /// <param name="repeated">The name of a member, at any depth, of which there is more than one and only the last is signed; null when there is none.</param>
    /// <returns>As above.</returns>
    public static bool TryCanonicalize(ReadOnlySpan<byte> body, IBufferWriter<byte> text, out string? signature, out string? repeated)
    {
        var json = new PythonJson(body);
        var isObject = json.TryReadObject();
        signature = isObject ? json.Signature : null;
        repeated = isObject ? json.Repeated : null;
        if (isObject) text.Write(json.Text);
        return isObject;
    }

    /// <summary>Signs a text of <see cref="TryCanonicalize(ReadOnlySpan{byte}, IBufferWriter{byte}, out string)"/>.</summary>
    /// <param name="secret">WEBHOOK_SECRET, used as its UTF-8 bytes; not empty.</param>
    /// <param name="text">The signed text.</param>
    /// <returns>64 hex digits in lower case, as Python's <c>hexdigest()</c>.</returns>
    public static string Sign(string secret, ReadOnlySpan<byte> text)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), text, hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Whether a signature is that of the text. Compares in constant time.</summary>
    /// <param name="secret">WEBHOOK_SECRET, used as its UTF-8 bytes; not empty.</param>
    /// <param name="text">The signed text.</param>
    /// <param name="signature">
    /// The received signature; null when there was none. Only lower-case hex is accepted, as <c>hmac.compare_digest(hexdigest(), signature)</c> does.
    /// </param>
    public static bool Matches(string secret, ReadOnlySpan<byte> text, string? signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(secret, text)), Encoding.UTF8.GetBytes(signature ?? ""));
}
