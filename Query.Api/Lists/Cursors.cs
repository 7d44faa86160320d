using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Contracts;

namespace Query.Api.Lists;

/// <summary>
/// The position of a page in a list that is ordered by id: the last row's id, which grows with time. Callers see base64url of its 8 bytes,
/// big-endian, and need not look inside.
/// </summary>
internal readonly record struct IdCursor(long Id)
{
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Id);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; returns null for any other text.</summary>
    public static IdCursor? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        if (text.Length != Base64Url.GetEncodedLength(sizeof(long)) || !Base64Url.IsValid(text)) return null;
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var length) || length != sizeof(long)) return null;
        return BinaryPrimitives.ReadInt64BigEndian(bytes) is > 0 and var id ? new(id) : null;
    }
}

/// <summary>
/// The position of a page in a list that is ordered by a UUID of version 7, which grows with time: the last row's. Callers see base64url of its 16 bytes,
/// and need not look inside.
/// </summary>
internal readonly record struct UuidCursor(Guid Id)
{
    private const int Bytes = 16;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        Id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; returns null for any other text.</summary>
    public static UuidCursor? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (text.Length != Base64Url.GetEncodedLength(Bytes) || !Base64Url.IsValid(text)) return null;
        return Base64Url.TryDecodeFromChars(text, bytes, out var length) && length == Bytes ? new(new Guid(bytes, bigEndian: true)) : null;
    }
}

/// <summary>
/// The position of a page in a list that is ordered by time and id: the last row's. Callers see base64url of the time's ticks (8 bytes,
/// big-endian) and the id, and need not look inside.
/// </summary>
/// <param name="Time">UTC.</param>
/// <param name="Id">An id of <see cref="Ids"/>.</param>
internal readonly record struct TimeCursor(DateTime Time, string Id)
{
    private const int MaxBytes = sizeof(long) + Ids.MaxLength;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Time.Ticks);
        var length = sizeof(long) + Encoding.ASCII.GetBytes(Id, bytes[sizeof(long)..]);
        return Base64Url.EncodeToString(bytes[..length]);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; returns null for any other text.</summary>
    public static TimeCursor? Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        if (text.Length > Base64Url.GetEncodedLength(MaxBytes) || !Base64Url.IsValid(text)) return null;
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var length) || length <= sizeof(long)) return null;

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        var id = Encoding.ASCII.GetString(bytes[sizeof(long)..length]);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks || !Ids.IsValid(id)) return null;
        return new(new DateTime(ticks, DateTimeKind.Utc), id);
    }
}
