using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Contracts;

namespace Query.Api.Transactions;

/// <summary>
/// Where a page ended: the last row's key. The caller sees base64url of the time's ticks (8 bytes, big-endian) and the id, and need not look inside.
/// </summary>
/// <param name="CreatedAt">The row's created_at, UTC.</param>
/// <param name="TransactionId">The row's id.</param>
internal readonly record struct PageCursor(DateTime CreatedAt, string TransactionId)
{
    private const int MaxBytes = sizeof(long) + Ids.MaxLength;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, CreatedAt.Ticks);
        var length = sizeof(long) + Encoding.ASCII.GetBytes(TransactionId, bytes[sizeof(long)..]);
        return Base64Url.EncodeToString(bytes[..length]);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else, however it came about.</summary>
    public static bool TryParse(string text, out PageCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[MaxBytes];
        if (text.Length > Base64Url.GetEncodedLength(MaxBytes) || !Base64Url.IsValid(text)) return false;
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var length) || length <= sizeof(long)) return false;

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var id = Encoding.ASCII.GetString(bytes[sizeof(long)..length]);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks || !Ids.IsValid(id)) return false;

        cursor = new(new DateTime(ticks, DateTimeKind.Utc), id);
        return true;
    }
}
