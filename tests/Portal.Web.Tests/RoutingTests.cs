using System.Net;
using Portal.Web.FrontDoor;

namespace Portal.Web.Tests;

public sealed class RoutingTests : IClassFixture<OpenDoor>
{
    private const string Delivery = "019a6f70-5555-7c3d-9e4f-0a1b2c3d4e5f";

    private readonly IReadOnlyDictionary<string, Backend> _backends;
    private readonly FrontDoor _door;

    public RoutingTests(OpenDoor open)
    {
        open.Forget();
        _backends = open.Backends;
        _door = open.Door;
    }

    public static TheoryData<string, string, string> Table => new(
        ("POST", "/v1/webhooks/transactions", "ingest-api"),
        ("GET", "/v1/transactions", "query-api"),
        ("HEAD", "/v1/transactions", "query-api"),
        ("GET", "/v1/transactions/txn_1", "query-api"),
        ("HEAD", "/v1/transactions/txn_1", "query-api"),
        ("GET", "/v1/transactions?status=FAILED&cursor=a%2Fb+c", "query-api"),
        ("GET", "/admin/dead-letters", "query-api"),
        ("HEAD", "/admin/dead-letters", "query-api"),
        ("GET", "/admin/dead-letters?topic=transactions&limit=2", "query-api"),
        ("GET", "/admin/dead-letters/reasons", "query-api"),
        ("HEAD", "/admin/dead-letters/reasons", "query-api"),
        ("POST", "/admin/dead-letters/redrive", "ingest-api"),
        ("POST", "/admin/dead-letters/delete", "ingest-api"),
        ("POST", "/admin/dead-letters/1/redrive", "ingest-api"),
        ("DELETE", "/admin/dead-letters/1", "ingest-api"),
        ("GET", "/admin/stats", "query-api"),
        ("HEAD", "/admin/stats", "query-api"),
        ("GET", "/admin/workers", "query-api"),
        ("HEAD", "/admin/workers", "query-api"),
        ("GET", "/admin/search", "query-api"),
        ("HEAD", "/admin/search", "query-api"),
        ("GET", "/admin/search?q=a%2Fb+c", "query-api"),
        ("GET", "/admin/ledger-check", "query-api"),
        ("HEAD", "/admin/ledger-check", "query-api"),
        ("POST", "/api/v1/auth/login", "ingest-api"),
        ("POST", "/api/v1/users", "ingest-api"),
        ("GET", "/api/v1/users", "query-api"),
        ("HEAD", "/api/v1/users", "query-api"),
        ("GET", "/api/v1/users?email=alice%40example.com&limit=2", "query-api"),
        ("POST", "/api/v1/users/1/rotate-key", "ingest-api"),
        ("GET", "/api/v1/users/1/balance", "query-api"),
        ("HEAD", "/api/v1/users/1/balance", "query-api"),
        ("GET", "/api/v1/users/1/transactions", "query-api"),
        ("HEAD", "/api/v1/users/1/transactions", "query-api"),
        ("GET", "/api/v1/users/1/transactions?type=deposit&limit=2", "query-api"),
        ("POST", "/api/v1/deposits", "ingest-api"),
        ("GET", "/api/v1/deposits", "query-api"),
        ("HEAD", "/api/v1/deposits", "query-api"),
        ("GET", "/api/v1/deposits/1", "query-api"),
        ("HEAD", "/api/v1/deposits/1", "query-api"),
        ("POST", "/api/v1/withdrawals", "ingest-api"),
        ("GET", "/api/v1/withdrawals", "query-api"),
        ("HEAD", "/api/v1/withdrawals", "query-api"),
        ("GET", "/api/v1/withdrawals/1", "query-api"),
        ("HEAD", "/api/v1/withdrawals/1", "query-api"),
        ("POST", "/webhooks/bank-callback", "ingest-api"),
        ("POST", "/wallets", "ingest-api"),
        ("POST", "/wallets/cust_42/credit", "ingest-api"),
        ("POST", "/charges", "ingest-api"),
        ("POST", "/charges/1/refunds", "ingest-api"),
        ("POST", "/installments/orders", "ingest-api"),
        ("POST", "/installments/orders/1/activate", "ingest-api"),
        ("POST", "/installments/orders/1/cancel", "ingest-api"),
        ("POST", "/installments/installments/1/process", "ingest-api"),
        ("POST", "/webhooks/stripe", "ingest-api"),
        ("POST", "/webhooks/endpoints", "ingest-api"),
        ("GET", "/webhooks/endpoints", "query-api"),
        ("HEAD", "/webhooks/endpoints", "query-api"),
        ("GET", "/webhooks/endpoints/1", "query-api"),
        ("HEAD", "/webhooks/endpoints/1", "query-api"),
        ("GET", "/webhooks/endpoints/1/stats", "query-api"),
        ("HEAD", "/webhooks/endpoints/1/stats", "query-api"),
        ("PATCH", "/webhooks/endpoints/1", "ingest-api"),
        ("DELETE", "/webhooks/endpoints/1", "ingest-api"),
        ("POST", "/webhooks/endpoints/1/rotate-secret", "ingest-api"),
        ("POST", "/webhooks/endpoints/1/test", "ingest-api"),
        ("POST", "/webhooks/endpoints/1/replay", "ingest-api"),
        ("GET", "/webhooks/event-types", "query-api"),
        ("HEAD", "/webhooks/event-types", "query-api"),
        ("GET", "/webhooks/events", "query-api"),
        ("HEAD", "/webhooks/events", "query-api"),
        ("GET", "/webhooks/events?after=42", "query-api"),
        ("GET", "/webhooks", "query-api"),
        ("HEAD", "/webhooks", "query-api"),
        ("GET", "/webhooks?event_type=charge.succeeded&status=failed", "query-api"),
        ("GET", $"/webhooks/{Delivery}", "query-api"),
        ("HEAD", $"/webhooks/{Delivery}", "query-api"),
        ("POST", "/webhooks/retry", "ingest-api"),
        ("POST", "/webhooks/1/retry", "ingest-api"),
        ("POST", "/webhooks/portal-links", "ingest-api"),
        ("GET", "/wallets", "query-api"),
        ("HEAD", "/wallets", "query-api"),
        ("GET", "/wallets/cust_42", "query-api"),
        ("HEAD", "/wallets/cust_42", "query-api"),
        ("GET", "/wallets/cust_42/ledger", "query-api"),
        ("HEAD", "/wallets/cust_42/ledger", "query-api"),
        ("GET", "/charges", "query-api"),
        ("HEAD", "/charges", "query-api"),
        ("GET", "/charges/1", "query-api"),
        ("HEAD", "/charges/1", "query-api"),
        ("GET", "/charges/1/refunds", "query-api"),
        ("HEAD", "/charges/1/refunds", "query-api"),
        ("GET", "/installments/orders", "query-api"),
        ("HEAD", "/installments/orders", "query-api"),
        ("GET", "/installments/orders/1", "query-api"),
        ("HEAD", "/installments/orders/1", "query-api"),
        ("GET", "/installments/orders/1/installments", "query-api"),
        ("HEAD", "/installments/orders/1/installments", "query-api"),
        ("GET", "/installments/due-installments", "query-api"),
        ("HEAD", "/installments/due-installments", "query-api"),
        ("GET", "/charges?customer_id=cust_42&limit=2&cursor=AZpvPosafD2eTwobLD1OXw", "query-api"),
        ("GET", "/wallets/cust_42?at=2026-01-15T10%3A30%3A00Z", "query-api"),
        ("GET", "/health/worker", "processor-worker"),
        ("HEAD", "/health/worker", "processor-worker"));

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Each_path_and_method_reaches_its_service_and_no_other(string method, string target, string service)
    {
        using var response = await _door.SendAsync(new HttpMethod(method), target);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(method == "HEAD" ? "" : service, await response.TextAsync());
        var received = Assert.Single(_backends[service].Requests);
        Assert.Equal((method, target), (received.Method, received.Target));
        Assert.All(_backends.Where(backend => backend.Key != service), other => Assert.Empty(other.Value.Requests));
    }

    [Fact]
    public void The_test_above_knows_every_route()
    {
        var routes = Routes.Table.SelectMany(route => route.Methods.Select(method => $"{method} {Filled(route.Pattern ?? route.Path)} {route.Service}"));
        var tested = Table.Select(row => row.Data).Where(row => !row.Item2.Contains('?', StringComparison.Ordinal));
        Assert.Equal(routes.Order(), tested.Select(row => $"{row.Item1} {row.Item2} {row.Item3}").Order());

        static string Filled(string path) => path
            .Replace("{transaction_id}", "txn_1", StringComparison.Ordinal)
            .Replace("{user_id}", "1", StringComparison.Ordinal)
            .Replace("{customer_id}", "cust_42", StringComparison.Ordinal)
            .Replace("{order_id}", "1", StringComparison.Ordinal)
            .Replace("{id}", "1", StringComparison.Ordinal)
            .Replace("{id:long}", "1", StringComparison.Ordinal)
            .Replace("{id:guid}", Delivery, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/webhooks/transactions", "POST")]
    [InlineData("PUT", "/v1/webhooks/transactions", "POST")]
    [InlineData("OPTIONS", "/v1/webhooks/transactions", "POST")]
    [InlineData("TRACE", "/v1/webhooks/transactions", "POST")]
    [InlineData("POST", "/v1/transactions", "GET, HEAD")]
    [InlineData("DELETE", "/v1/transactions/txn_1", "GET, HEAD")]
    [InlineData("DELETE", "/admin/dead-letters", "GET, HEAD")]
    [InlineData("GET", "/admin/dead-letters/1", "DELETE")]
    [InlineData("GET", "/admin/dead-letters/1/redrive", "POST")]
    [InlineData("DELETE", "/admin/dead-letters/redrive", "POST")]
    [InlineData("GET", "/admin/dead-letters/delete", "POST")]
    [InlineData("DELETE", "/admin/dead-letters/reasons", "GET, HEAD")]
    [InlineData("GET", "/api/v1/auth/login", "POST")]
    [InlineData("DELETE", "/api/v1/deposits", "GET, HEAD, POST")]
    [InlineData("POST", "/api/v1/withdrawals/1", "GET, HEAD")]
    [InlineData("DELETE", "/api/v1/users", "GET, HEAD, POST")]
    [InlineData("GET", "/api/v1/users/1/rotate-key", "POST")]
    [InlineData("GET", "/webhooks/bank-callback", "POST")]
    [InlineData("DELETE", "/wallets", "GET, HEAD, POST")]
    [InlineData("POST", "/wallets/cust_42", "GET, HEAD")]
    [InlineData("GET", "/wallets/cust_42/credit", "POST")]
    [InlineData("DELETE", "/charges/1/refunds", "GET, HEAD, POST")]
    [InlineData("POST", "/installments/due-installments", "GET, HEAD")]
    [InlineData("GET", "/installments/orders/1/cancel", "POST")]
    [InlineData("GET", "/webhooks/endpoints/1/test", "POST")]
    [InlineData("POST", "/webhooks/endpoints/1", "DELETE, GET, HEAD, PATCH")]
    [InlineData("DELETE", "/webhooks/endpoints", "GET, HEAD, POST")]
    [InlineData("POST", "/webhooks/events", "GET, HEAD")]
    [InlineData("POST", $"/webhooks/{Delivery}", "GET, HEAD")]
    [InlineData("GET", "/webhooks/1/retry", "POST")]
    [InlineData("GET", "/webhooks/retry", "POST")]
    [InlineData("GET", "/webhooks/stripe", "POST")]
    [InlineData("POST", "/health/worker", "GET, HEAD")]
    [InlineData("POST", "/", "GET, HEAD")]
    [InlineData("POST", "/health", "GET, HEAD")]
    [InlineData("DELETE", "/openapi.json", "GET, HEAD")]
    public async Task Another_method_is_405_and_Allow_says_which_there_are(string method, string path, string allow)
    {
        using var response = await _door.SendAsync(new HttpMethod(method), path);

        await response.ProblemAsync(405, "method_not_allowed");
        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow.Order(StringComparer.Ordinal)));
        Assert.All(_backends.Values, backend => Assert.Empty(backend.Requests));
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/v1")]
    [InlineData("/v1/transactions/txn_1/more")]
    [InlineData("/v1/webhooks")]
    [InlineData("/openapi/nobody.json")]
    [InlineData("/openapi/ingest.json")]
    [InlineData("/docs/nothing.js")]
    [InlineData("/%ff%fe")]
    [InlineData("/health/worker/..%2f..%2falive")]
    public async Task Another_path_is_404(string path)
    {
        using var response = await _door.GetAsync(path);

        await response.ProblemAsync(404, "not_found");
        Assert.All(_backends.Values, backend => Assert.Empty(backend.Requests));
    }

    [Theory]
    [InlineData("/v1/transactions/%ff")]
    [InlineData("/v1/transactions/%00")]
    [InlineData("/v1/transactions/%2e%2e")]
    [InlineData("/v1/transactions/%252e%252e")]
    [InlineData("/v1/transactions/%252e%252e%252f%252e%252e%252falive")]
    [InlineData("/v1/transactions/%2500")]
    [InlineData("/v1/transactions/%c0%af")]
    [InlineData("/v1/transactions/a%0d%0aX-Injected:%20yes")]
    [InlineData("/v1/transactions/%zz%")]
    [InlineData("/v1/transactions/http:%2f%2fexample.invalid%2f")]
    [InlineData("//example.invalid/v1/transactions")]
    [InlineData("/v1/transactions/..;/..;/health")]
    public async Task Rubbish_in_a_path_is_never_a_5xx_and_never_leaves_its_place(string path)
    {
        using var response = await _door.GetAsync(path);

        Assert.InRange((int)response.StatusCode, 200, 499);
        Assert.Empty(_backends["ingest-api"].Requests);
        Assert.Empty(_backends["processor-worker"].Requests);
        Assert.All(_backends["query-api"].Requests, received =>
        {
            Assert.StartsWith("/v1/transactions/", received.Target, StringComparison.Ordinal);
            Assert.DoesNotContain("X-Injected", received.Headers.Keys);
        });
    }
}
