using System.Net;
using ServiceDefaults.Outbound;

namespace ServiceDefaults.Tests.Outbound;

public class AddressRulesTests
{
    private static readonly OutboundOptions Strict = new();

    [Theory]
    [InlineData("0.0.0.0", "unspecified, which is this machine itself")]
    [InlineData("0.255.255.255", "unspecified, which is this machine itself")]
    [InlineData("10.0.0.0", "private")]
    [InlineData("10.255.255.255", "private")]
    [InlineData("100.64.0.0", "carrier-grade NAT")]
    [InlineData("100.100.100.200", "Alibaba Cloud's metadata")]
    [InlineData("100.127.255.255", "carrier-grade NAT")]
    [InlineData("127.0.0.1", "loopback")]
    [InlineData("127.255.255.255", "loopback")]
    [InlineData("168.63.129.16", "Azure's platform address")]
    [InlineData("169.254.0.1", "link-local, where cloud metadata is")]
    [InlineData("169.254.169.254", "link-local, where cloud metadata is")]
    [InlineData("169.254.170.2", "link-local, where cloud metadata is")]
    [InlineData("172.16.0.0", "private")]
    [InlineData("172.31.255.255", "private")]
    [InlineData("192.0.0.1", "set aside for protocols of the IETF")]
    [InlineData("192.0.0.192", "Oracle Cloud's metadata")]
    [InlineData("192.0.2.1", "documentation")]
    [InlineData("192.88.99.1", "6to4 relays")]
    [InlineData("192.168.0.0", "private")]
    [InlineData("192.168.255.255", "private")]
    [InlineData("198.18.0.0", "benchmarking")]
    [InlineData("198.19.255.255", "benchmarking")]
    [InlineData("198.51.100.1", "documentation")]
    [InlineData("203.0.113.1", "documentation")]
    [InlineData("224.0.0.1", "multicast")]
    [InlineData("239.255.255.250", "multicast")]
    [InlineData("240.0.0.1", "reserved")]
    [InlineData("255.255.255.254", "reserved")]
    [InlineData("255.255.255.255", "broadcast")]
    public void Special_IPv4_addresses_are_refused(string address, string why) => Assert.Equal(why, WhyRefused(address));

    [Theory]
    [InlineData("::", "unspecified, which is this machine itself")]
    [InlineData("::1", "loopback")]
    [InlineData("::2", "not a global unicast address")]
    [InlineData("64:ff9b:1::", "NAT64 of a local network")]
    [InlineData("100::1", "discard")]
    [InlineData("100:0:0:1::1", "a dummy prefix")]
    [InlineData("2001:1::1", "set aside for protocols of the IETF")]
    [InlineData("2001:2::1", "benchmarking")]
    [InlineData("2001:1ff:ffff::1", "set aside for protocols of the IETF")]
    [InlineData("2001:db8::1", "documentation")]
    [InlineData("3fff:fff::1", "documentation")]
    [InlineData("4000::1", "not a global unicast address")]
    [InlineData("5f00::1", "segment routing")]
    [InlineData("fc00::1", "private (unique local)")]
    [InlineData("fdff:ffff::1", "private (unique local)")]
    [InlineData("fd00:ec2::254", "AWS's metadata")]
    [InlineData("fd20:ce::254", "Google Cloud's metadata")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("fe80::1%1", "link-local")]
    [InlineData("febf::1", "link-local")]
    [InlineData("fec0::1", "site-local")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("ff0e::1", "multicast")]
    public void Special_IPv6_addresses_are_refused(string address, string why) => Assert.Equal(why, WhyRefused(address));

    [Theory]
    [InlineData("::ffff:127.0.0.1", "loopback")]
    [InlineData("::ffff:10.1.2.3", "private")]
    [InlineData("::ffff:a9fe:a9fe", "link-local, where cloud metadata is")]
    [InlineData("::127.0.0.1", "IPv4-compatible with 127.0.0.1 in it: loopback")]
    [InlineData("::192.168.1.1", "IPv4-compatible with 192.168.1.1 in it: private")]
    [InlineData("::8.8.8.8", "not a global unicast address")]
    [InlineData("::ffff:0:10.0.0.1", "IPv4-translated with 10.0.0.1 in it: private")]
    [InlineData("64:ff9b::7f00:1", "NAT64 with 127.0.0.1 in it: loopback")]
    [InlineData("64:ff9b::a9fe:a9fe", "NAT64 with 169.254.169.254 in it: link-local, where cloud metadata is")]
    [InlineData("64:ff9b:1::10.0.0.1", "NAT64 with 10.0.0.1 in it: private")]
    [InlineData("64:ff9b:1:a9fe:a9:fe00::", "NAT64 with 169.254.169.254 in it: link-local, where cloud metadata is")]
    [InlineData("64:ff9b:1::8.8.8.8", "NAT64 of a local network")]
    [InlineData("2002:7f00:1::", "6to4 with 127.0.0.1 in it: loopback")]
    [InlineData("2002:a9fe:a9fe::1", "6to4 with 169.254.169.254 in it: link-local, where cloud metadata is")]
    [InlineData("2002:c0a8:101::1", "6to4 with 192.168.1.1 in it: private")]
    [InlineData("2001:0:808:808:0:0:80ff:fffe", "Teredo with 127.0.0.1 in it: loopback")]
    [InlineData("2001:0:a00:1:0:0:f7f7:f7f7", "Teredo with 10.0.0.1 in it: private")]
    [InlineData("2001:0:808:808:0:0:f7f7:f7f7", "Teredo")]
    [InlineData("2600::5efe:10.0.0.1", "ISATAP with 10.0.0.1 in it: private")]
    [InlineData("2600::200:5efe:7f00:1", "ISATAP with 127.0.0.1 in it: loopback")]
    public void An_IPv4_address_within_an_IPv6_address_is_judged_too(string address, string why) => Assert.Equal(why, WhyRefused(address));

    [Theory]
    [InlineData("1.1.1.1"), InlineData("8.8.8.8"), InlineData("9.255.255.255"), InlineData("11.0.0.0"), InlineData("100.63.255.255"), InlineData("100.128.0.0")]
    [InlineData("126.255.255.255"), InlineData("128.0.0.0"), InlineData("169.253.255.255"), InlineData("169.255.0.0"), InlineData("172.15.255.255")]
    [InlineData("172.32.0.0"), InlineData("192.0.1.0"), InlineData("192.167.255.255"), InlineData("192.169.0.0"), InlineData("198.17.255.255")]
    [InlineData("198.20.0.0"), InlineData("223.255.255.255"), InlineData("2606:4700::1111"), InlineData("2001:200::1"), InlineData("2001:4860:4860::8888")]
    [InlineData("2a00:1450::1"), InlineData("3ffe::1"), InlineData("::ffff:8.8.8.8"), InlineData("64:ff9b::8.8.8.8"), InlineData("2002:808:808::1")]
    [InlineData("2600::5efe:8.8.8.8")]
    public void Public_addresses_and_the_neighbours_of_special_ones_are_not(string address) => Assert.Null(WhyRefused(address));

    [Theory]
    [InlineData("127.0.0.1", null)]
    [InlineData("127.8.9.1", null)]
    [InlineData("::1", null)]
    [InlineData("::ffff:127.0.0.1", null)]
    [InlineData("0.0.0.0", "unspecified, which is this machine itself")]
    [InlineData("::", "unspecified, which is this machine itself")]
    [InlineData("10.0.0.1", "private")]
    public void Loopback_can_be_allowed_and_nothing_else_with_it(string address, string? why) =>
        Assert.Equal(why, AddressRules.WhyRefused(IPAddress.Parse(address), new() { AllowLoopback = true }));

    [Theory]
    [InlineData("10.20.3.4", null)]
    [InlineData("::ffff:10.20.3.4", null)]
    [InlineData("64:ff9b::10.20.3.4", null)]
    [InlineData("10.21.0.0", "private")]
    [InlineData("fd12:3456::9", null)]
    [InlineData("fd00:ec2::254", "AWS's metadata")]
    [InlineData("64:ff9b:1::8.8.8.8", null)]
    [InlineData("64:ff9b:1::169.254.169.254", "NAT64 with 169.254.169.254 in it: link-local, where cloud metadata is")]
    [InlineData("169.254.169.254", "link-local, where cloud metadata is")]
    [InlineData("100.100.100.200", "Alibaba Cloud's metadata")]
    public void Networks_of_ours_can_be_allowed_but_for_cloud_metadata_in_them(string address, string? why) => Assert.Equal(why, AddressRules.WhyRefused(
        IPAddress.Parse(address), new() { AllowedNetworks = ["10.20.0.0/16", "fc00::/7", "64:ff9b:1::/48", "169.0.0.0/8", "100.64.0.0/10"] }));

    [Fact]
    public void One_refused_address_among_others_is_found()
    {
        IPAddress[] addresses = [IPAddress.Parse("8.8.8.8"), IPAddress.Parse("10.0.0.1"), IPAddress.Loopback];

        Assert.Equal((addresses[1], "private"), AddressRules.FirstRefused(addresses, Strict));
        Assert.Null(AddressRules.FirstRefused(addresses[..1], Strict));
    }

    private static string? WhyRefused(string address) => AddressRules.WhyRefused(IPAddress.Parse(address), Strict);
}
