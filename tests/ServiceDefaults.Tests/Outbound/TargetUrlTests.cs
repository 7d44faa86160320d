using System.Net;
using System.Net.Sockets;
using ServiceDefaults.Outbound;
using Support;

namespace ServiceDefaults.Tests.Outbound;

public class TargetUrlTests
{
    private static readonly OutboundOptions Strict = new() { AllowHttp = true };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://127.0.0.1/", "loopback")]
    [InlineData("https://127.0.0.1:8443/x", "loopback")]
    [InlineData("http://127.1/", "loopback")]
    [InlineData("http://127.0.1/", "loopback")]
    [InlineData("http://2130706433/", "loopback")]
    [InlineData("http://0x7f000001/", "loopback")]
    [InlineData("http://0X7F.0.0.1/", "loopback")]
    [InlineData("http://0177.0.0.1/", "loopback")]
    [InlineData("http://017700000001/", "loopback")]
    [InlineData("http://127.0x0.1/", "loopback")]
    [InlineData("http://127.0.0.1./", "loopback")]
    [InlineData("http://0x7f.1./", "loopback")]
    [InlineData("http://2130706433./", "loopback")]
    [InlineData("http://0/", "unspecified")]
    [InlineData("http://0.0.0.0/", "unspecified")]
    [InlineData("http://2852039166/latest/meta-data/", "link-local, where cloud metadata is")]
    [InlineData("http://0xA9FEA9FE/", "link-local, where cloud metadata is")]
    [InlineData("http://0251.0376.0251.0376/", "link-local, where cloud metadata is")]
    [InlineData("http://169.254.43518/", "link-local, where cloud metadata is")]
    [InlineData("http://10.0.0.1/", "private")]
    [InlineData("http://192.168.257/", "private")]
    [InlineData("http://①②⑦.0.0.1/", "①②⑦.0.0.1 (127.0.0.1), which is 127.0.0.1 and refused: loopback")]
    [InlineData("http://１２７.０.０.１/", "loopback")]
    [InlineData("http://127。0。0。1/", "loopback")]
    [InlineData("http://127．0｡0．1/", "loopback")]
    [InlineData("http://⑯⑨。②⑤④。⑯⑨｡②⑤④/", "link-local, where cloud metadata is")]
    [InlineData("http://١٢٧.0.0.1/", "loopback")]
    [InlineData("http://𝟙𝟚𝟟.0.0.1/", "loopback")]
    [InlineData("http://０ｘ７ｆ.1/", "loopback")]
    [InlineData("http://[::1]/", "loopback")]
    [InlineData("http://[0:0:0:0:0:0:0:1]:80/", "loopback")]
    [InlineData("http://[::1%25lo]/", "loopback")]
    [InlineData("http://[::]/", "unspecified")]
    [InlineData("http://[::ffff:127.0.0.1]/", "loopback")]
    [InlineData("http://[::ffff:7f00:1]/", "loopback")]
    [InlineData("http://[::127.0.0.1]/", "loopback")]
    [InlineData("http://[64:ff9b::169.254.169.254]/", "link-local, where cloud metadata is")]
    [InlineData("http://[2002:7f00:1::]/", "loopback")]
    [InlineData("http://[fe80::1%eth0]/", "link-local")]
    [InlineData("http://[fd00:ec2::254]/", "AWS's metadata")]
    [InlineData("http://[ff02::1]/", "multicast")]
    [InlineData("http://localhost/", "this machine's own name")]
    [InlineData("http://LOCALHOST:5000/", "this machine's own name")]
    [InlineData("http://localhost./", "this machine's own name")]
    [InlineData("http://shop.localhost/", "this machine's own name")]
    [InlineData("http://ｌｏｃａｌｈｏｓｔ/", "this machine's own name")]
    [InlineData("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "this machine's own name")]
    [InlineData("http://metadata.google.internal/", "internal names are for private networks")]
    [InlineData("http://Metadata.Google.Internal./", "internal names are for private networks")]
    [InlineData("http://printer.local/", "local names are for private networks")]
    [InlineData("http://kubernetes.default.svc.cluster.local/", "local names are for private networks")]
    [InlineData("http://router.home.arpa/", "home.arpa names are for private networks")]
    public void What_leads_into_our_network_is_refused_however_it_is_written(string url, string why) => AssertRefused(url, "must not point to", why);

    [Theory]
    [InlineData("http://256.256.256.256/")]
    [InlineData("http://1.2.3.4.5/")]
    [InlineData("http://4294967296/")]
    [InlineData("http://0x100000000/")]
    [InlineData("http://08.0.0.1/")]
    [InlineData("http://0x/")]
    [InlineData("http://shop.127/")]
    [InlineData("http://shop.example.0x7f./")]
    public void What_looks_like_an_address_and_is_none_is_refused(string url) => AssertRefused(url, "it ends in a number as an address does, and is none");

    [Theory]
    [InlineData("", "must have 1 to 2048 characters")]
    [InlineData("shop.example/webhooks", "must be an absolute")]
    [InlineData("/webhooks", "must be an absolute")]
    [InlineData("//shop.example/", "must be an absolute")]
    [InlineData("https:///webhooks", "must be an absolute")]
    [InlineData("https:shop.example", "must be an absolute")]
    [InlineData("ftp://shop.example/", "must be an absolute")]
    [InlineData("file:///etc/passwd", "must be an absolute")]
    [InlineData("gopher://shop.example/", "must be an absolute")]
    [InlineData("javascript:alert(1)", "must be an absolute")]
    [InlineData("https://shop.example:65536/", "must be an absolute")]
    [InlineData("https://shop..example/", "must be an absolute")]
    [InlineData("https://%6c%6f%63alhost/", "must be an absolute")]
    [InlineData("https://shop.example:0/", "must not have the port 0")]
    [InlineData("https://user:secret@shop.example/", "must have no user name or password")]
    [InlineData("https://@shop.example/", "must have no user name or password")]
    [InlineData("https://shop.example:80@127.0.0.1/", "must have no user name or password")]
    [InlineData("https://shop.example/#top", "must have no fragment")]
    [InlineData("https://shop.example/#", "must have no fragment")]
    [InlineData("https://shop.example/\r\nX-Admin: 1", "must have no white space")]
    [InlineData("https://shop.example/\n", "must have no white space")]
    [InlineData("https://shop.example/a\tb", "must have no white space")]
    [InlineData("https://shop.example/a b", "must have no white space")]
    [InlineData(" https://shop.example/", "must have no white space")]
    [InlineData("https://shop.example/\0", "must have no white space")]
    [InlineData("https://shop.example/\u0085", "must have no white space")]
    [InlineData("https://shop.example/\u2028", "must have no white space")]
    [InlineData("https://\u202eshop.example/", "must have no white space")]
    [InlineData("https://loc\u00adalhost/", "must have no white space")]
    [InlineData("https://local\u200bhost/", "must have no white space")]
    [InlineData("https://shop.example\\@127.0.0.1/", "must have no white space")]
    [InlineData("https://[2606:4700::1111%eth0]/", "must have no zone")]
    [InlineData("https://bücher.example/", "must have its host in ASCII")]
    [InlineData("https://shοp.example/", "must have its host in ASCII")]
    [InlineData("https://①.1.1.1/", "must have its host in ASCII")]
    [InlineData("https://sh!op.example/", "must be an absolute")]
    public void What_is_no_proper_URL_is_refused(string url, string fault) => AssertRefused(url, fault);

    [Theory]
    [InlineData("https://shop.example")]
    [InlineData("https://shop.example/webhooks?tenant=a&x=%20")]
    [InlineData("HTTPS://Shop.Example:8443/")]
    [InlineData("https://shop.example./")]
    [InlineData("https://shop_1.example/")]
    [InlineData("https://xn--bcher-kva.example/")]
    [InlineData("https://shop.example/?to=a@b")]
    [InlineData("https://shop.example/bücher")]
    [InlineData("https://localhost.example/")]
    [InlineData("https://notlocalhost/")]
    [InlineData("https://internal.example/")]
    [InlineData("https://127.0.0.1.nip.io/")]
    [InlineData("https://1.1.1.1/")]
    [InlineData("https://1.1/")]
    [InlineData("https://8.8.8.8./")]
    [InlineData("https://[2606:4700::1111]:8443/")]
    public void What_leads_to_the_internet_is_accepted(string url) => Assert.Null(TargetUrl.Check(url, new()));

    [Fact]
    public void A_URL_may_have_2048_characters()
    {
        var url = "https://shop.example/".PadRight(TargetUrl.MaxLength, 'a');

        Assert.Null(TargetUrl.Check(url, Strict));
        AssertRefused(url + "a", "must have 1 to 2048 characters");
    }

    [Fact]
    public void A_name_is_no_longer_than_DNS_takes_it()
    {
        var longest = string.Concat(Enumerable.Repeat("shop1234.", 27)) + "example123"; // 253 characters

        Assert.Null(TargetUrl.Check($"https://{longest}/", Strict));
        Assert.Null(TargetUrl.Check($"https://{new string('a', 63)}.example./", Strict));
        AssertRefused($"https://{longest}4/", "must have a host name of labels of 1 to 63");
        AssertRefused($"https://{new string('a', 64)}.example/", "must have a host name of labels of 1 to 63");
    }

    [Fact]
    public void Http_is_refused_unless_it_is_allowed()
    {
        Assert.Equal("must be an absolute https address, such as https://shop.example/webhooks; Webhooks__AllowHttp=true allows http",
            TargetUrl.Check("http://shop.example/", new()));
        Assert.Null(TargetUrl.Check("http://shop.example/", Strict));
    }

    [Theory]
    [InlineData("http://localhost:5000/")]
    [InlineData("http://shop.localhost/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://shop.svc.cluster.local/")]
    [InlineData("http://10.20.0.9/")]
    public void What_is_allowed_by_setting_is_accepted(string url) =>
        Assert.Null(TargetUrl.Check(url, new() { AllowHttp = true, AllowLoopback = true, AllowedNetworks = ["10.20.0.0/16"] }));

    [Theory]
    [InlineData("8.8.8.8", null)]
    [InlineData("8.8.8.8 2606:4700::1111", null)]
    [InlineData("127.0.0.1", "127.0.0.1 and refused: loopback")]
    [InlineData("8.8.8.8 10.0.0.1", "10.0.0.1 and refused: private")]
    [InlineData("2606:4700::1111 ::ffff:169.254.169.254", "refused: link-local, where cloud metadata is")]
    [InlineData("64:ff9b::a00:1", "NAT64 with 10.0.0.1 in it: private")]
    public async Task A_name_is_refused_when_any_of_its_addresses_is(string addresses, string? why)
    {
        var fault = await TargetUrl.CheckAsync("https://hooks.example/", Strict,
            (_, _) => Task.FromResult<IPAddress[]>([.. addresses.Split(' ').Select(IPAddress.Parse)]), new FakeClock(), Cancelled);

        if (why is null) Assert.Null(fault);
        else Assert.Contains(why, Assert.IsType<string>(fault), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound), InlineData(SocketError.NoData), InlineData(SocketError.TryAgain)]
    public async Task A_name_that_does_not_resolve_is_accepted(SocketError error) => Assert.Null(await TargetUrl.CheckAsync(
        "https://hooks.example/", Strict, (_, _) => Task.FromException<IPAddress[]>(new SocketException((int)error)), new FakeClock(), Cancelled));

    [Fact(Timeout = 30_000)]
    public async Task A_name_whose_DNS_does_not_answer_is_accepted_after_2_seconds()
    {
        var clock = new FakeClock();
        var check = TargetUrl.CheckAsync("https://hooks.example/", Strict, (_, _) => new TaskCompletionSource<IPAddress[]>().Task, clock, Cancelled);
        await clock.WaitForTimersAsync(1, Cancelled);
        Assert.False(check.IsCompleted);

        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(await check);
    }

    [Theory]
    [InlineData("https://hooks.internal/")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://1.1.1.1/")]
    [InlineData("not a url")]
    public async Task Nothing_is_resolved_where_the_text_decides(string url) => Assert.Equal(
        TargetUrl.Check(url, Strict),
        await TargetUrl.CheckAsync(url, Strict, (_, _) => throw new InvalidOperationException("asked DNS"), new FakeClock(), Cancelled));

    private static void AssertRefused(string url, params string[] parts)
    {
        var fault = Assert.IsType<string>(TargetUrl.Check(url, Strict));
        Assert.All(parts, part => Assert.Contains(part, fault, StringComparison.Ordinal));
    }
}
