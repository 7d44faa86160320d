using System.Reflection;
using Microsoft.Net.Http.Headers;
using Portal.Web.FrontDoor;

namespace Portal.Web.Tests;

/// <summary>Header values are bytes (RFC 9110, 5.5): what HTTP allows in one passes the door in both directions, whoever reads it or does not.</summary>
public sealed class HeaderBytesTests : IClassFixture<OpenDoor>
{
    /// <summary>é in UTF-8, é in Latin-1, all other bytes of obs-text, a tab: as the Latin-1 text that a socket sends and gets.</summary>
    private static readonly string Bytes = "a \u00C3\u00A9 \u00E9\t" + string.Concat(Enumerable.Range(0x80, 0x80).Select(b => (char)b)) + " z";

    /// <summary>The framing of a message is the server's: it has no place for such bytes.</summary>
    private static readonly string[] Framing = ["Host", "Content-Length", "Transfer-Encoding"];

    /// <summary>Of one connection, and so not passed on.</summary>
    private static readonly string[] HopByHop =
    [
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Upgrade",
        "Alt-Svc", "HTTP2-Settings", "Upgrade-Insecure-Requests",
    ];

    private readonly OpenDoor _open;

    public HeaderBytesTests(OpenDoor open)
    {
        open.Forget();
        _open = open;
    }

    public static TheoryData<string> Names => new(typeof(HeaderNames).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(constant => (string)constant.GetValue(null)!)
        .Concat(["X-API-Key", "X-Request-ID", "Idempotency-Key", "webhook-id", "webhook-signature", "X-Forwarded-For",
            "X-Forwarded-Host", "Forwarded", "X-Anything"])
        .Where(name => !name.StartsWith(':') && !Framing.Contains(name)).Distinct());

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_byte_that_HTTP_allows_in_a_value_passes_in(string name)
    {
        var answer = await RawHttp.SayAsync(_open.Door.Address, $"GET /v1/transactions HTTP/1.1\r\nHost: door\r\n{name}: {Bytes}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        var headers = Assert.Single(_open.Requests).Headers;
        if (headers[name].ToString() is { Length: > 0 } arrived && !HopByHop.Contains(name) && !IsTheDoors(name))
            Assert.Contains(Bytes, arrived, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("User-Agent"), InlineData("Cookie"), InlineData("Authorization"), InlineData("Referer")]
    [InlineData("X-Anything"), InlineData("Accept-Language")]
    public async Task What_passes_arrives_byte_for_byte(string name)
    {
        await RawHttp.SayAsync(_open.Door.Address, $"GET /v1/transactions HTTP/1.1\r\nHost: door\r\n{name}: {Bytes}\r\nConnection: close\r\n\r\n");

        Assert.Equal(Bytes, Assert.Single(_open.Requests).Headers[name].ToString());
    }

    [Fact]
    public async Task On_every_route()
    {
        foreach (var route in Routes.Table)
        {
            foreach (var method in route.Methods)
            {
                var answer = await RawHttp.SayAsync(_open.Door.Address,
                    $"{method} {Filled(route)} HTTP/1.1\r\nHost: door\r\nUser-Agent: {Bytes}\r\nCookie: {Bytes}\r\n"
                        + "Content-Length: 0\r\nConnection: close\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
            }
        }

        Assert.All(_open.Requests, received => Assert.Equal(Bytes, received.Headers.UserAgent.ToString()));

        static string Filled(Route route) => (route.Pattern ?? route.Path)
            .Replace("{id:guid}", "019a6f70-5555-7c3d-9e4f-0a1b2c3d4e5f", StringComparison.Ordinal)
            .Replace("{id:long}", "7", StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x');
    }

    [Theory]
    [InlineData("/"), InlineData("/health"), InlineData("/alive"), InlineData("/docs/index.html"), InlineData("/openapi/portal.json"), InlineData("/nothing")]
    public async Task And_on_the_doors_own_paths(string path)
    {
        foreach (var name in Names.Select(row => row.Data))
        {
            var answer = await RawHttp.SayAsync(_open.Door.Address, $"GET {path} HTTP/1.1\r\nHost: door\r\n{name}: {Bytes}\r\nConnection: close\r\n\r\n");
            Assert.Matches("^HTTP/1.1 (200|404)", answer);
        }
    }

    [Fact]
    public async Task A_preflight_that_asks_for_such_a_header_is_answered()
    {
        var answer = await RawHttp.SayAsync(_open.Door.Address,
            "OPTIONS / HTTP/1.1\r\nHost: door\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: GET\r\n"
                + $"Access-Control-Request-Headers: {Bytes}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 204", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_header_passes_out_byte_for_byte()
    {
        await using var backend = await Backend.StartAsync("query-api", context =>
        {
            context.Response.Headers["X-Bytes"] = Bytes;
            return Task.CompletedTask;
        });
        await using var door = Tests.FrontDoor.Open(query: backend.Address);

        var answer = await RawHttp.SayAsync(door.Address, "GET /v1/transactions HTTP/1.1\r\nHost: door\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains($"X-Bytes: {Bytes}\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_HTTP_does_not_allow_is_400_at_the_door_and_says_in_which_header()
    {
        foreach (var control in Enumerable.Range(1, 31).Append(127).Where(c => c is not ('\t' or '\r' or '\n')))
        {
            var answer = await RawHttp.SayAsync(
                _open.Door.Address,
                $"GET /v1/transactions HTTP/1.1\r\nHost: door\r\nX-Bad: a{(char)control}b\r\nConnection: close\r\n\r\n");

            Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
            Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
            Assert.Contains("X-Request-ID:", answer, StringComparison.Ordinal);
            Assert.Contains("The header X-Bad has a control character", answer, StringComparison.Ordinal);
        }

        Assert.Empty(_open.Requests);
    }

    // What the door says itself, whatever the caller sent.
    private static bool IsTheDoors(string name) => name is "X-Request-ID" or "Forwarded" || name.StartsWith("X-Forwarded-", StringComparison.Ordinal)
        || name is "traceparent" or "tracestate" or "baggage" or "Correlation-Context" or "Request-Id";
}
