using System.Text.Json.Nodes;

namespace AppHost.Tests.Api;

/// <summary>The part of <see cref="ConformanceTests"/> that walks endpoints, deliveries and events of outbound webhooks.</summary>
/// <param name="caller">Who compares.</param>
/// <param name="mark">Makes ids that no other run has.</param>
/// <param name="adminKey">The operator's.</param>
internal sealed class WebhookConformance(Caller caller, string mark, string adminKey)
{
    private const string Unknown = "019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f";

    public async Task RunAsync()
    {
        var endpoint = await EndpointsAsync();
        await DeliveriesAsync(endpoint);
        await ReadsAsync(endpoint);
        await PortalLinksAsync();
        await caller.CallAsync(204, "deleteWebhookEndpoint", endpoint);
        await caller.CallAsync(404, "deleteWebhookEndpoint", endpoint);
    }

    private async Task<string> EndpointsAsync()
    {
        var wanted = Endpoint("description", "Café <&>");
        var id = (await caller.CallAsync(201, "createWebhookEndpoint", body: wanted, idempotencyKey: mark)).Body!["id"]!.GetValue<string>();
        await caller.CallAsync(201, "createWebhookEndpoint", body: wanted.DeepClone(), idempotencyKey: mark);
        foreach (var (name, value) in ((string, JsonNode?)[])[("url", null), ("url", "example"), ("url", 7), ("customer_id", "a b"), ("event_types",
            "charge.succeeded"), ("description", new string('x', 501)), ("payload_style", "round")])
            await caller.CallAsync(422, "createWebhookEndpoint", body: Endpoint(name, value));
        await caller.CallAsync(403, "createWebhookEndpoint", body: Endpoint("event_types", new JsonArray("operations.dead_letter")));
        await caller.CallWithUnreadableBodiesAsync("createWebhookEndpoint");

        await caller.CallAsync(200, "changeWebhookEndpoint", id, new JsonObject { ["payload_style"] = "flat", ["description"] = null });
        await caller.CallAsync(200, "changeWebhookEndpoint", id, new JsonObject { ["disabled"] = true });
        await caller.CallAsync(409, "testWebhookEndpoint", id, new JsonObject());
        await caller.CallAsync(409, "replayWebhookEvents", id, new JsonObject { ["since"] = "2026-01-15T00:00:00Z" });
        await caller.CallAsync(200, "changeWebhookEndpoint", id, new JsonObject { ["disabled"] = false });
        await caller.CallAsync(422, "changeWebhookEndpoint", id, new JsonObject { ["payload_style"] = "round" });
        await caller.CallAsync(404, "changeWebhookEndpoint", Unknown, new JsonObject { ["disabled"] = true });
        await caller.CallAsync(403, "changeWebhookEndpoint", id, new JsonObject { ["event_types"] = new JsonArray("operations.dead_letter") });
        await caller.CallWithUnreadableBodiesAsync("changeWebhookEndpoint", id);

        await caller.CallAsync(200, "rotateWebhookSecret", id);
        await caller.CallAsync(404, "rotateWebhookSecret", Unknown);
        await caller.CallAsync(200, "rotateWebhookSecret", id, idempotencyKey: $"rotate_{mark}");
        await caller.CallWithUnreadableBodiesAsync("rotateWebhookSecret", id, idempotencyKey: $"unreadable_{mark}");
        return id;
    }

    private async Task DeliveriesAsync(string endpoint)
    {
        var delivery = (await caller.CallAsync(202, "testWebhookEndpoint", endpoint, new JsonObject { ["event_type"] = "payment.succeeded" }))
            .Body!["id"]!.GetValue<string>();
        await caller.CallAsync(422, "testWebhookEndpoint", endpoint, new JsonObject { ["event_type"] = 7 });
        await caller.CallAsync(404, "testWebhookEndpoint", Unknown, new JsonObject());
        await caller.CallWithUnreadableBodiesAsync("testWebhookEndpoint", endpoint);

        await caller.CallAsync(202, "replayWebhookEvents", endpoint, new JsonObject { ["since"] = "2026-01-15T00:00:00Z", ["dry_run"] = true });
        await caller.CallAsync(422, "replayWebhookEvents", endpoint, new JsonObject { ["since"] = "2026-01-15T00:00:00Z", ["only"] = "some" });
        await caller.CallAsync(404, "replayWebhookEvents", Unknown, new JsonObject { ["since"] = "2026-01-15T00:00:00Z" });
        await caller.CallWithUnreadableBodiesAsync("replayWebhookEvents", endpoint);

        await caller.CallAsync(200, "getWebhookDelivery", delivery);
        await caller.CallAsync(404, "getWebhookDelivery", Unknown);
        await caller.CallAsync(202, "retryWebhookDelivery", delivery);
        await caller.CallAsync(404, "retryWebhookDelivery", Unknown);
        await caller.CallAsync(202, "retryWebhookDelivery", delivery, idempotencyKey: $"retry_{mark}");
        await caller.CallWithUnreadableBodiesAsync("retryWebhookDelivery", delivery, idempotencyKey: $"unreadable_{mark}");
        await caller.CallAsync(202, "retryWebhookDeliveries", body: new JsonObject { ["endpoint_id"] = endpoint, ["dry_run"] = true });
        await caller.CallAsync(422, "retryWebhookDeliveries", body: new JsonObject { ["status"] = "lost" });
        await caller.CallAsync(404, "retryWebhookDeliveries", body: new JsonObject { ["endpoint_id"] = Unknown });
        await caller.CallWithUnreadableBodiesAsync("retryWebhookDeliveries");
    }

    private async Task ReadsAsync(string endpoint)
    {
        await caller.CallAsync(200, "getWebhookEndpoint", endpoint);
        await caller.CallAsync(404, "getWebhookEndpoint", Unknown);
        await caller.CallAsync(200, "getWebhookEndpointStats", $"{endpoint} ?window=7d");
        await caller.CallAsync(404, "getWebhookEndpointStats", Unknown);
        await caller.CallAsync(422, "getWebhookEndpointStats", $"{endpoint} ?window=1h");
        await caller.CallAsync(200, "listWebhookEndpoints", "?limit=1");
        await caller.CallAsync(422, "listWebhookEndpoints", "?limit=0");
        await caller.CallAsync(200, "listWebhookDeliveries", $"?endpoint_id={endpoint}&limit=1");
        await caller.CallAsync(200, "listWebhookDeliveries", "?status=delivered&event_type=charge.succeeded");
        foreach (var query in (string[])["?status=lost", "?event_type=charge.eaten", "?endpoint_id=7", "?from=yesterday", "?limit=201", "?cursor=x"])
            await caller.CallAsync(422, "listWebhookDeliveries", query);
        await caller.CallAsync(200, "pollWebhookEvents", "?limit=1");
        await caller.CallAsync(422, "pollWebhookEvents", "?after=0");
        await caller.CallAsync(200, "listWebhookEventTypes");
    }

    private async Task PortalLinksAsync()
    {
        var wanted = new JsonObject { ["customer_id"] = $"cust_{mark}" };
        await caller.CallAsync(200, "createPortalLink", body: wanted, key: adminKey);
        await caller.CallAsync(401, "createPortalLink", body: wanted.DeepClone());
        await caller.CallAsync(422, "createPortalLink", body: new JsonObject { ["customer_id"] = "a b" }, key: adminKey);
        await caller.CallAsync(422, "createPortalLink", body: new JsonObject { ["customer_id"] = "a", ["expires_in"] = 1 }, key: adminKey);
        await caller.CallWithUnreadableBodiesAsync("createPortalLink", key: adminKey);
    }

    private static JsonObject Endpoint(string name, JsonNode? value)
    {
        var endpoint = new JsonObject { ["url"] = "http://localhost:8000/sandbox/inbox/api" };
        endpoint[name] = value;
        return endpoint;
    }
}
