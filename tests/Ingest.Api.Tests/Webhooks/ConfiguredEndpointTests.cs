using Support;

namespace Ingest.Api.Tests.Webhooks;

/// <summary>Services of their own: what is in their configuration.</summary>
public sealed class ConfiguredEndpointTests(Servers servers)
{
    private const string Urls = " https://one.example/hook?a=1,https://two.example ,,https://one.example/hook?a=1,";
    private const string Key = "an-ordinary-key-for-these-tests";

    [Fact]
    public async Task Each_URL_of_WEBHOOK_URLS_has_one_endpoint_however_many_services_start_and_how_often()
    {
        await using var database = new Database(await servers.CreateDatabaseAsync());
        await database.ExecuteAsync(
            """
            INSERT INTO webhook_endpoints (id, url, payload_style, secret, deleted_at) VALUES (uuid_v7(), 'https://two.example', 'flat', 'x', now());
            INSERT INTO webhook_endpoints (id, url, payload_style, secret, customer_id) VALUES (uuid_v7(), 'https://two.example', 'flat', 'x', 'cust_42');
            """);
        const string Added = "SELECT coalesce(string_agg(concat_ws(' ', url, payload_style, event_types::text), ', ' ORDER BY url), '') "
            + "FROM webhook_endpoints WHERE secret <> 'x'";
        const string Charges = "flat {charge.succeeded,charge.failed,charge.refunded}";
        const string Both = $"https://one.example/hook?a=1 {Charges}, https://two.example {Charges}";

        (string, string)[] links = [("Webhooks:PortalUrl", "https://portal.example/base/"), ("Auth:Jwt:SigningKeys:0", WebhookService.SigningKey)];
        await using (var first = Start(database, [("WEBHOOK_URLS", Urls), .. links]))
        await using (var second = Start(database, ("WEBHOOK_URLS", Urls)))
        {
            await Eventually.GetAsync(_ => database.ReadAsync<string>(Added), added => added == Both, TestContext.Current.CancellationToken);
            await LinksAndKeysAsync(first, second);
        }

        // Once more, and another URL says when it has looked.
        await using var third = Start(database, ("WEBHOOK_URLS", $"{Urls}https://three.example"));
        await Eventually.GetAsync(
            _ => database.ReadAsync<string>(Added), added => added == Both.Replace(", ", $", https://three.example {Charges}, ", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
    }

    private IngestService Start(Database database, params (string, string)[] settings) => IngestService.Start(
        new Database(database.ConnectionString), database.ConnectionString, servers.Broker, null,
        [("Auth:AdminKeys:0", WebhookService.AdminKey), ("Auth:ApiKeys:0", Key), .. settings]);

    /// <summary>What else depends on these services' settings: where links lead, and that keys are needed.</summary>
    private static async Task LinksAndKeysAsync(IngestService withKey, IngestService withoutKey)
    {
        using var body = new StringContent("""{"customer_id":"cust_42"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        var link = await withKey.SendAsync(HttpMethod.Post, "/webhooks/portal-links", body, WebhookService.Admin);
        Assert.StartsWith("https://portal.example/base/consumer?token=", link.Json.Text("url"), StringComparison.Ordinal);
        using var again = new StringContent("""{"customer_id":"cust_42"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
        var none = await withoutKey.SendAsync(HttpMethod.Post, "/webhooks/portal-links", again, WebhookService.Admin);
        none.IsUnavailable();
        Assert.Contains("Auth__Jwt__SigningKeys__0", none.Json.Text("detail"), StringComparison.Ordinal);

        (await withKey.SendAsync(HttpMethod.Post, "/webhooks/retry")).IsProblem(401, "unauthorized");
        Assert.Equal(202, (await withKey.SendAsync(HttpMethod.Post, "/webhooks/retry", null, ("X-API-Key", Key))).Status);
        (await withKey.SendAsync(HttpMethod.Post, "/webhooks/portal-links", null, ("X-API-Key", Key))).IsProblem(403, "forbidden");
    }
}
