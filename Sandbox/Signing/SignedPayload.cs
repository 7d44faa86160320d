using System.Buffers;
using System.Text;
using Contracts;

namespace Sandbox.Signing;

/// <summary>A payload with its signature in it, as the bank sends it.</summary>
internal static class SignedPayload
{
    /// <summary>The signed text itself, with the member <c>signature</c> behind the others. Signing what was signed gives the same.</summary>
    /// <returns>ASCII; null when the payload is no JSON object that <see cref="BankSignature"/> takes.</returns>
    public static byte[]? Of(ReadOnlySpan<byte> payload, string secret)
    {
        var text = new ArrayBufferWriter<byte>();
        if (!BankSignature.TryCanonicalize(payload, text, out _)) return null;
        var signature = BankSignature.Sign(secret, text.WrittenSpan);
        var comma = text.WrittenCount > "{}".Length ? "," : "";
        return [.. text.WrittenSpan[..^1], .. Encoding.ASCII.GetBytes($"{comma}\"signature\":\"{signature}\"}}")];
    }
}
