using System.Globalization;

namespace Ingest.Api.Tests.Webhooks;

[Collection(nameof(WebhookService))]
public sealed class PortalLinkTests(WebhookService webhooks)
{
    private const string Path = "/webhooks/portal-links";

    [Theory]
    [InlineData("", 3600)]
    [InlineData(""","expires_in":60""", 60)]
    [InlineData(""","expires_in":86400""", 86400)]
    public async Task A_link_leads_to_where_the_caller_came_and_lasts_as_long_as_was_said(string more, int seconds)
    {
        var before = TimeProvider.System.GetUtcNow();
        var answer = await webhooks.PostAsync(
            Path, $$"""{"customer_id":"cust_42"{{more}}}""", WebhookService.Admin, ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "pay.example:8443"));

        Assert.Equal((200, "no-store"), (answer.Status, answer.Headers["Cache-Control"]));
        Assert.StartsWith("https://pay.example:8443/consumer?token=ey", answer.Json.Text("url"), StringComparison.Ordinal);
        var expires = DateTimeOffset.Parse(answer.Json.Text("expires_at"), CultureInfo.InvariantCulture);
        Assert.InRange(expires, before.AddSeconds(seconds - 1), TimeProvider.System.GetUtcNow().AddSeconds(seconds));
    }

    [Fact]
    public async Task Only_an_admin_key_makes_one()
    {
        const string Body = """{"customer_id":"cust_42"}""";
        (await webhooks.PostAsync(Path, Body)).IsProblem(401, "unauthorized");
        (await webhooks.PostAsync(Path, Body, ("X-API-Key", "some-other-key-0123456"))).IsProblem(401, "unauthorized");
        (await webhooks.PostAsync(Path, Body, await webhooks.LinkAsync("cust_42"))).IsProblem(403, "forbidden");
    }

    [Theory]
    [InlineData("customer_id", "is missing", "{}")]
    [InlineData("customer_id", "must be a string of 1-128", """{"customer_id":"a b"}""")]
    [InlineData("expires_in", "from 60 to 86400", """{"customer_id":"a","expires_in":59}""")]
    [InlineData("expires_in", "from 60 to 86400", """{"customer_id":"a","expires_in":86401}""")]
    [InlineData("expires_in", "from 60 to 86400", """{"customer_id":"a","expires_in":"3600"}""")]
    [InlineData("expires_in", "from 60 to 86400", """{"customer_id":"a","expires_in":60.5}""")]
    public async Task What_is_not_acceptable_is_named(string field, string message, string body) => Assert.Contains(
        message, (await webhooks.PostAsync(Path, body, WebhookService.Admin)).IsProblem(422, "validation_failed").Error(field), StringComparison.Ordinal);

    [Fact]
    public async Task A_link_opens_its_customers_endpoints_and_no_others()
    {
        var (mine, theirs) = (webhooks.NewCustomer(), webhooks.NewCustomer());
        var link = await webhooks.LinkAsync(mine);

        var own = await webhooks.EndpointAsync("", link);
        Assert.Equal(mine, own.Text("customer_id"));
        Assert.Equal(mine, (await webhooks.EndpointAsync($""" "customer_id":"{mine}" """, link)).Text("customer_id"));
        var refused = await webhooks.PostAsync("/webhooks/endpoints", $$"""{"url":"https://a.example","customer_id":"{{theirs}}"}""", link);
        Assert.Contains($"must be {mine}", refused.IsProblem(422, "validation_failed").Error("customer_id"), StringComparison.Ordinal);
        Assert.Equal("x", (await webhooks.SendAsync("PATCH", $"/webhooks/endpoints/{own.Id()}", """{"description":"x"}""", link)).Json.Text("description"));

        string[] others = [(await webhooks.EndpointAsync($""" "customer_id":"{theirs}" """)).Id(), (await webhooks.EndpointAsync()).Id()];
        foreach (var other in others)
        {
            var delivery = await webhooks.DeliveryAsync(await webhooks.EventAsync(), other);
            foreach (var (method, path, body) in ((string, string, string?)[])[
                ("PATCH", $"/webhooks/endpoints/{other}", "{}"), ("DELETE", $"/webhooks/endpoints/{other}", null),
                ("POST", $"/webhooks/endpoints/{other}/rotate-secret", null), ("POST", $"/webhooks/endpoints/{other}/test", null),
                ("POST", $"/webhooks/endpoints/{other}/replay", """{"since":"2026-01-01T00:00:00Z"}"""), ("POST", $"/webhooks/{delivery}/retry", null),
                ("POST", "/webhooks/retry", $$"""{"endpoint_id":"{{other}}"}""")])
                (await webhooks.SendAsync(method, path, body, link)).IsProblem(404, "not_found");
            Assert.Equal("failed tries=10 attempts=10 claim=7", await webhooks.StateAsync(delivery));
        }

        var mineFailed = await webhooks.DeliveryAsync(await webhooks.EventAsync(customer: mine), own.Id());
        Assert.Equal("""{"count":1,"dry_run":false,"has_more":false}""", (await webhooks.PostAsync("/webhooks/retry", null, link)).Body);
        Assert.Equal("pending due tries=0 attempts=10 claim=8", await webhooks.StateAsync(mineFailed));
    }

    [Fact]
    public async Task Elsewhere_a_link_opens_nothing_and_one_that_is_not_valid_opens_nothing_at_all()
    {
        var link = await webhooks.LinkAsync("cust_42");
        foreach (var path in (string[])[
            "/wallets", "/charges", "/v1/webhooks/transactions", "/api/v1/deposits", "/admin/dead-letters/redrive", "/webhooks/stripe"])
            (await webhooks.PostAsync(path, "{}", link)).IsProblem(403, "forbidden");
        (await webhooks.PostAsync("/webhooks/endpoints", """{"url":"https://a.example"}""", (link.Name, $"{link.Value}x"))).IsProblem(401, "unauthorized");
        (await webhooks.PostAsync("/webhooks/retry", null, ("Authorization", "Bearer a.b.c"))).IsProblem(401, "unauthorized");
    }
}
