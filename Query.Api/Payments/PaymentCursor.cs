using System.Buffers.Binary;
using System.Buffers.Text;

namespace Query.Api.Payments;

/// <summary>
/// Where a page ended: the last row's id, which grows with time. The caller sees base64url of its 8 bytes, big-endian, and need not look inside.
/// </summary>
internal readonly record struct PaymentCursor(long Id)
{
    /// <summary>Before every row there is: the first page.</summary>
    public static PaymentCursor Start { get; } = new(long.MaxValue);

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Id);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; null for anything else, however it came about.</summary>
    public static PaymentCursor? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (text.Length != Base64Url.GetEncodedLength(sizeof(long)) || !Base64Url.IsValid(text)) return null;
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != sizeof(long)) return null;
        return BinaryPrimitives.ReadInt64BigEndian(bytes) is > 0 and var id ? new(id) : null;
    }
}
