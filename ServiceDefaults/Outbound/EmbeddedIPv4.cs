using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ServiceDefaults.Outbound;

/// <summary>
/// The IPv4 addresses within an IPv6 address: a translator or a tunnel on the way sends the packet there, so they are judged as well. NAT64 prefixes that an
/// operator took from his own addresses (RFC 6052, 2.2) cannot be known by looking.
/// </summary>
internal static class EmbeddedIPv4
{
    private static readonly IPNetwork Compatible = IPNetwork.Parse("::/96"); // RFC 4291, 2.5.5.1; deprecated
    private static readonly IPNetwork Translated = IPNetwork.Parse("::ffff:0:0:0/96"); // RFC 2765, 2.1
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96"); // RFC 6052, 2.1
    private static readonly IPNetwork LocalNat64 = IPNetwork.Parse("64:ff9b:1::/48"); // RFC 8215
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16"); // RFC 3056
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32"); // RFC 4380, 4

    /// <summary>Each with the name of the way that it is embedded; none in an IPv4 address.</summary>
    public static IEnumerable<(string Way, IPAddress Address)> In(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6) yield break;
        var bytes = address.GetAddressBytes();
        if (Compatible.Contains(address) && bytes[12] != 0) yield return ("IPv4-compatible", At(bytes, 12)); // Not :: and ::1.
        if (Translated.Contains(address)) yield return ("IPv4-translated", At(bytes, 12));
        if (Nat64.Contains(address)) yield return ("NAT64", At(bytes, 12));
        if (SixToFour.Contains(address)) yield return ("6to4", At(bytes, 2));
        if (IsIsatap(bytes)) yield return ("ISATAP", At(bytes, 12));
        if (Teredo.Contains(address))
        {
            yield return ("Teredo", Inverted(bytes, 12)); // The client's, each bit inverted.
            yield return ("Teredo", At(bytes, 4)); // The server's.
        }

        if (LocalNat64.Contains(address))
        {
            // A translator uses all 48 bits of prefix, and puts the address around the byte 8 (RFC 6052, 2.2), or a /96 of them.
            if (bytes[12] != 0) yield return ("NAT64", At(bytes, 12));
            if (bytes[6] != 0) yield return ("NAT64", new([bytes[6], bytes[7], bytes[9], bytes[10]]));
        }
    }

    // RFC 5214, 6.1: 0000:5efe, or 0200:5efe where the IPv4 address is unique worldwide.
    private static bool IsIsatap(byte[] bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(8)) is 0x0000_5EFE or 0x0200_5EFE;

    private static IPAddress At(byte[] bytes, int offset) => new(bytes.AsSpan(offset, 4));

    private static IPAddress Inverted(byte[] bytes, int offset) =>
        new([(byte)~bytes[offset], (byte)~bytes[offset + 1], (byte)~bytes[offset + 2], (byte)~bytes[offset + 3]]);
}
