using System.Buffers;
using System.Text;
using Contracts;
using ServiceDefaults.Problems;

namespace Ingest.Api.Payments;

/// <summary>A body whose signature stands in it, as <c>signature</c>.</summary>
internal static class SignedBody
{
    /// <summary>What was signed: the body as Python prints it, ASCII, its members sorted and each there once, without its signature. Or why it is not believed.</summary>
    public static async Task<(ReadOnlyMemory<byte> Text, Problem? Problem)> ReadAsync(HttpRequest request, string? secret, CancellationToken cancellationToken)
    {
        if (!request.HasJsonContentType()) return (default, Problem.UnsupportedMediaType());
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var text = new ArrayBufferWriter<byte>();
        if (!BankSignature.TryCanonicalize(body.GetBuffer().AsSpan(0, (int)body.Length), text, out var signature))
            return (default, Problem.InvalidJson($"The body must be a JSON object in UTF-8, nested at most {BankSignature.MaxDepth} deep."));
        if (secret is null) return (default, NoSecret);
        return BankSignature.Matches(secret, text.WrittenSpan, signature) ? (text.WrittenMemory, null) : (default, NotSigned);
    }

    /// <summary>
    /// The same with <c>null</c> for NaN and the infinities, which Python writes and JSON does not know: a member that nobody here reads must not keep
    /// a callback out.
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

    private static Problem NotSigned => new(StatusCodes.Status401Unauthorized, "invalid_signature",
        "signature is missing or does not match. It is the hex HMAC-SHA256, with WEBHOOK_SECRET, of the other members as "
        + "Python's json.dumps(..., separators=(',', ':'), sort_keys=True) prints them.");

    private static Problem NoSecret => new(StatusCodes.Status401Unauthorized, "invalid_signature",
        "No callback can be believed: this service has no secret. Set WEBHOOK_SECRET to the one that the bank signs with.");
}
