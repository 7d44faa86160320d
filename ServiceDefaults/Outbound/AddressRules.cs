using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace ServiceDefaults.Outbound;

/// <summary>
/// Which addresses a customer's webhook must not reach, and why: all that are not on the public internet, and those at which a cloud answers its own machines.
/// By a table of prefixes after IANA's special-purpose registries (RFC 6890, RFC 8190) and the newer RFCs named at its rows; .NET's own questions
/// (<see cref="IPAddress.IsLoopback"/>) miss <c>0.0.0.0</c>, <c>64:ff9b::7f00:1</c> and <c>2002:7f00:1::</c>. Of IPv6 all is refused that is not named as
/// reachable, for IANA has given out 2000::/3 alone.
/// </summary>
public static class AddressRules
{
    private const string Private = "private", Documentation = "documentation", Benchmarking = "benchmarking", Multicast = "multicast", LinkLocal = "link-local";
    private const string Unspecified = "unspecified, which is this machine itself", Protocols = "set aside for protocols of the IETF";
    private const string NotGlobal = "not a global unicast address";

    /// <summary>The first row that an address is in says why it is refused: single addresses before the networks that they are in.</summary>
    private static readonly ImmutableArray<Row> Rows =
    [
        // What clouds answer their own machines: credentials, user data.
        Never("168.63.129.16/32", "Azure's platform address"),
        Never("100.100.100.200/32", "Alibaba Cloud's metadata"),
        Never("192.0.0.192/32", "Oracle Cloud's metadata"),
        Never("fd00:ec2::/32", "AWS's metadata"),
        Never("fd20:ce::254/128", "Google Cloud's metadata"),

        Never("0.0.0.0/8", Unspecified), // RFC 791, 3.2. Linux connects 0.0.0.0 to itself.
        Unless("10.0.0.0/8", Private), // RFC 1918
        Unless("100.64.0.0/10", "carrier-grade NAT"), // RFC 6598
        Unless("127.0.0.0/8", "loopback"), // RFC 1122, 3.2.1.3
        Never("169.254.0.0/16", LinkLocal + ", where cloud metadata is"), // RFC 3927
        Unless("172.16.0.0/12", Private),
        Unless("192.0.0.0/24", Protocols), // RFC 6890, 2.1
        Unless("192.0.2.0/24", Documentation), // RFC 5737
        Unless("192.88.99.0/24", "6to4 relays"), // RFC 7526
        Unless("192.168.0.0/16", Private),
        Unless("198.18.0.0/15", Benchmarking), // RFC 2544
        Unless("198.51.100.0/24", Documentation),
        Unless("203.0.113.0/24", Documentation),
        Never("224.0.0.0/4", Multicast), // RFC 5771
        Never("255.255.255.255/32", "broadcast"), // RFC 8190, 2.2.1
        Never("240.0.0.0/4", "reserved"), // RFC 1112, 4

        Never("::/128", Unspecified), // RFC 4291, 2.5.2
        Unless("::1/128", "loopback"), // RFC 4291, 2.5.3
        Unless("64:ff9b:1::/48", "NAT64 of a local network"), // RFC 8215
        Unless("100::/64", "discard"), // RFC 6666
        Unless("100:0:0:1::/64", "a dummy prefix"), // RFC 9780
        Unless("2001::/32", "Teredo"), // RFC 4380
        Unless("2001:2::/48", Benchmarking), // RFC 5180
        Unless("2001::/23", Protocols), // RFC 2928
        Unless("2001:db8::/32", Documentation), // RFC 3849
        Unless("3fff::/20", Documentation), // RFC 9637
        Unless("5f00::/16", "segment routing"), // RFC 9602
        Unless("fc00::/7", Private + " (unique local)"), // RFC 4193
        Never("fe80::/10", LinkLocal), // RFC 4291, 2.5.6
        Unless("fec0::/10", "site-local"), // RFC 3879
        Never("ff00::/8", Multicast), // RFC 4291, 2.7
    ];

    /// <summary>What IANA has given out for global unicast (RFC 4291, 2.4), and NAT64's well-known prefix (RFC 6052), whose IPv4 address decides.</summary>
    private static readonly ImmutableArray<IPNetwork> Global = [IPNetwork.Parse("2000::/3"), IPNetwork.Parse("64:ff9b::/96")];

    /// <summary>Why the address is refused, such as <c>loopback</c> or <c>6to4 with 10.0.0.1 in it: private</c>; null when it may be connected to.</summary>
    /// <param name="address">Of either family. An IPv4-mapped one (<c>::ffff:0:0/96</c>) is the IPv4 address that is connected to.</param>
    /// <param name="options">What is allowed in spite of the table.</param>
    public static string? WhyRefused(IPAddress address, OutboundOptions options)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var row = Rows.FirstOrDefault(row => row.Network.Contains(address));
        if (row is { IsNeverAllowed: true }) return row.Why;

        // Before what is allowed: a translator of ours leads to every IPv4 address, cloud metadata too.
        foreach (var (way, inner) in EmbeddedIPv4.In(address))
            if (WhyRefused(inner, options) is { } why) return $"{way} with {inner} in it: {why}";

        if (IsAllowed(address, options)) return null;
        if (row is not null) return row.Why;
        return address.AddressFamily == AddressFamily.InterNetwork || Global.Any(network => network.Contains(address)) ? null : NotGlobal;
    }

    /// <summary>The first address that is refused, with the reason; null when all may be connected to.</summary>
    public static (IPAddress Address, string Why)? FirstRefused(IEnumerable<IPAddress> addresses, OutboundOptions options)
    {
        foreach (var address in addresses)
            if (WhyRefused(address, options) is { } why) return (address, why);
        return null;
    }

    /// <summary>Why nobody can allow this network, though others can be; null when it can be allowed.</summary>
    internal static string? WhyNeverAllowed(IPNetwork network) => Rows.FirstOrDefault(row =>
        row.IsNeverAllowed && row.Network.PrefixLength <= network.PrefixLength && row.Network.Contains(network.BaseAddress))?.Why;

    private static bool IsAllowed(IPAddress address, OutboundOptions options) =>
        (options.AllowLoopback == true && IPAddress.IsLoopback(address)) || options.Networks.Any(network => network.Contains(address));

    private static Row Unless(string network, string why) => new(IPNetwork.Parse(network), why, IsNeverAllowed: false);

    private static Row Never(string network, string why) => new(IPNetwork.Parse(network), why, IsNeverAllowed: true);

    /// <param name="Network">The prefix.</param>
    /// <param name="Why">What it is for, in words.</param>
    /// <param name="IsNeverAllowed">No setting allows it: it is no network of anybody's, or a cloud's credentials are there.</param>
    private sealed record Row(IPNetwork Network, string Why, bool IsNeverAllowed);
}
