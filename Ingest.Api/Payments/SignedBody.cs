using System.Buffers;
using System.Text;
using Contracts;
using Ingest.Api.Requests;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>A body that carries its signature in its member <c>signature</c>.</summary>
internal static class SignedBody
{
    /// <summary>
    /// The text that was signed: the body as Python prints it, ASCII, its members sorted, without its signature. Or the problem: 400, 401 or 415 without a
    /// verified signature; with one, 422 for a member that appears twice, of which Python's signature covers the last alone.
    /// </summary>
    public static async Task<(ReadOnlyMemory<byte> Text, bool IsVerified, Problem? Problem)> ReadAsync(
        HttpRequest request, string? secret, CancellationToken cancellationToken)
    {
        var (body, problem) = await RequestBody.ReadJsonAsync(request, cancellationToken);
        if (problem is not null) return (default, false, problem);
        var text = new ArrayBufferWriter<byte>();
        if (!BankSignature.TryCanonicalize(body.Span, text, out var signature, out var repeated))
            return (default, false, Problem.InvalidJson($"The body must be a JSON object in UTF-8, nested at most {BankSignature.MaxDepth} deep."));
        if (secret is null) return (default, false, NoSecret);
        if (!BankSignature.Matches(secret, text.WrittenSpan, signature)) return (default, false, NotSigned);
        return repeated is null ? (text.WrittenMemory, true, null) : (default, true, Repeated(repeated));
    }

    /// <summary>
    /// The same with <c>null</c> for NaN and the infinities, which Python writes and JSON does not know: a callback must not be refused for a member that is
    /// not read here.
    /// </summary>
    public static byte[] WithoutNaN(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny("NI"u8) < 0) return text.ToArray();
        var strict = new StringBuilder(text.Length);
        var isInString = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = (char)text[i];
            if (isInString && c == '\\') strict.Append(c).Append((char)text[++i]);
            else if (!isInString && Constant(text[i..]) is > 0 and var length)
            {
                strict.Append("null");
                i += length - 1;
            }
            else
            {
                isInString ^= c == '"';
                strict.Append(c);
            }
        }

        return Encoding.ASCII.GetBytes(strict.ToString());
    }

    private static int Constant(ReadOnlySpan<byte> text) =>
        text.StartsWith("NaN"u8) ? 3 : text.StartsWith("Infinity"u8) ? 8 : text.StartsWith("-Infinity"u8) ? 9 : 0;

    private static Problem Repeated(string name) =>
        Problem.Invalid(name, $"{name} appears more than once; send it once");

    internal static Problem NotSigned => new(StatusCodes.Status401Unauthorized, "invalid_signature",
        "signature is missing or does not match. It is the hex HMAC-SHA256, with WEBHOOK_SECRET, of the other members as "
        + "Python's json.dumps(..., separators=(',', ':'), sort_keys=True) prints them.");

    private static Problem NoSecret => new(StatusCodes.Status401Unauthorized, "invalid_signature",
        "No callback can be verified: this service has no secret. Set WEBHOOK_SECRET to the one that the bank signs with.");
}
