using System.Diagnostics;

namespace Portal.Web.Tests;

public sealed class HeaderTests : IAsyncLifetime
{
    // As telemetry would: without anybody listening there is no trace.
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
    };

    private Backend _backend = null!;
    private FrontDoor _door = null!;

    public async ValueTask InitializeAsync()
    {
        ActivitySource.AddActivityListener(_listener);
        _backend = await Backend.StartAsync("query-api");
        _door = FrontDoor.Open(query: _backend.Address);
    }

    public async ValueTask DisposeAsync()
    {
        await _door.DisposeAsync();
        await _backend.DisposeAsync();
        _listener.Dispose();
    }

    [Theory]
    [InlineData("mine-123")]
    [InlineData("a,b;c=\"d\"")]
    public async Task The_callers_request_id_comes_back_once_and_reaches_the_service(string id)
    {
        using var response = await _door.GetAsync("/v1/transactions", ("X-Request-ID", id));

        Assert.Equal(id, Assert.Single(response.Headers.GetValues("X-Request-ID")));
        Assert.Equal(id, Assert.Single(_backend.Requests).Headers["X-Request-ID"].ToString());
    }

    [Fact]
    public async Task Without_one_the_trace_id_is_it_on_both_sides()
    {
        using var response = await _door.GetAsync("/v1/transactions", ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", Assert.Single(response.Headers.GetValues("X-Request-ID")));
        var headers = Assert.Single(_backend.Requests).Headers;
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", headers["X-Request-ID"].ToString());
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", headers.TraceParent.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_only_a_proxy_may_say_is_not_taken_from_outside()
    {
        using var response = await _door.GetAsync(
            "/v1/transactions",
            ("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-Host", "evil.invalid"), ("X-Forwarded-Proto", "gopher"),
            ("X-Forwarded-Prefix", "/evil"), ("X-Forwarded-Port", "666"), ("Forwarded", "for=6.6.6.6"), ("X-Real-IP", "6.6.6.6"),
            ("X-Original-URL", "/admin"), ("X-Rewrite-URL", "/admin"), ("X-Original-Host", "evil.invalid"),
            ("X-Portal-Key", "an-evil-portal-key"));

        var headers = Assert.Single(_backend.Requests).Headers;
        string[] forged = ["6.6.6.6", "evil", "admin"];
        Assert.DoesNotContain(headers, header => header.Value.Any(value => forged.Any(text => value!.Contains(text, StringComparison.Ordinal))));
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"].ToString());
        Assert.Equal("http", headers["X-Forwarded-Proto"].ToString());
        Assert.Equal(_door.Address.Authority, headers["X-Forwarded-Host"].ToString());
    }

    [Theory]
    [InlineData("203.0.113.9", "6.6.6.6, 203.0.113.9", "127.0.0.1")]
    [InlineData("127.0.0.1", "6.6.6.6, 203.0.113.9", "10.0.0.5")]
    public async Task A_known_proxy_is_believed_about_its_client_and_not_about_a_host_or_a_strange_scheme(string seen, string forwardedFor, string proxy)
    {
        await using var door = FrontDoor.Open(query: _backend.Address, settings: ("ForwardedHeaders:KnownProxies:0", proxy));
        using var response = await door.GetAsync(
            "/v1/transactions", ("X-Forwarded-For", forwardedFor), ("X-Forwarded-Host", "evil.invalid"),
            ("X-Forwarded-Proto", "gopher"), ("X-Original-For", "6.6.6.6"));

        var headers = Assert.Single(_backend.Requests).Headers;
        Assert.Equal(seen, headers["X-Forwarded-For"].ToString());
        Assert.Equal((door.Address.Authority, "http"), (headers["X-Forwarded-Host"].ToString(), headers["X-Forwarded-Proto"].ToString()));
        Assert.DoesNotContain(headers, header => header.Key.StartsWith("X-Original", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("https", "127.0.0.1")]
    [InlineData("http", "10.0.0.5")]
    public async Task A_known_proxy_is_believed_that_it_ends_TLS(string scheme, string proxy)
    {
        await using var door = FrontDoor.Open(query: _backend.Address, settings: ("ForwardedHeaders:KnownProxies:0", proxy));
        using var response = await door.GetAsync("/v1/transactions", ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"));

        Assert.Equal(scheme, Assert.Single(_backend.Requests).Headers["X-Forwarded-Proto"].ToString());
    }

    [Fact]
    public async Task Hop_by_hop_headers_stay_at_the_door_and_credentials_pass()
    {
        var answer = await RawHttp.SayAsync(_door.Address,
            "GET /v1/transactions HTTP/1.1\r\nHost: door\r\nConnection: close, X-For-The-Door\r\nX-For-The-Door: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\n"
            + "Proxy-Authorization: Basic eA==\r\nX-API-Key: key\r\nAuthorization: Bearer token\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        var headers = Assert.Single(_backend.Requests).Headers;
        foreach (var name in (string[])["Keep-Alive", "Proxy-Authorization"]) Assert.DoesNotContain(name, headers.Keys);
        Assert.Equal("key", headers["X-API-Key"].ToString());
        Assert.Equal("Bearer token", headers.Authorization.ToString());
        Assert.Equal(new Uri(_backend.Address).Authority, headers.Host.ToString());
    }

    [Fact]
    public async Task The_servers_name_is_not_told()
    {
        using var response = await _door.GetAsync("/v1/transactions");

        Assert.False(response.Headers.Contains("Server"));
    }
}
