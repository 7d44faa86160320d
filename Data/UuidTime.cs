using System.Buffers.Binary;

namespace Data;

/// <summary>
/// Times as bounds of UUIDs of version 7, whose first 48 bits are milliseconds since 1970 (RFC 9562, section 5.7): rows of a period are found by their ids
/// alone, in every index that ends with them.
/// </summary>
public static class UuidTime
{
    /// <summary>A number that no id of that millisecond or later is smaller than, and every id of an earlier one is.</summary>
    /// <param name="utc">A time; what is finer than a millisecond is dropped.</param>
    public static Guid FirstOf(DateTime utc)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        var milliseconds = Math.Max(0, (utc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond);
        BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds << 16);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The same for the first whole millisecond that is not earlier than the time: for a period's end, which is not in the period.</summary>
    public static Guid EndOf(DateTime utc) => FirstOf(utc.AddTicks(Math.Min(TimeSpan.TicksPerMillisecond - 1, DateTime.MaxValue.Ticks - utc.Ticks)));

    /// <summary>The time of an id, UTC, to the millisecond.</summary>
    public static DateTime Of(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return DateTime.UnixEpoch.AddMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
    }
}
