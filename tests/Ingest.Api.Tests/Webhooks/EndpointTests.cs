using System.Text.Json;

namespace Ingest.Api.Tests.Webhooks;

[Collection(nameof(WebhookService))]
public sealed class EndpointTests(WebhookService webhooks)
{
    private const string Path = "/webhooks/endpoints";

    [Fact]
    public async Task An_endpoint_is_made_with_its_members_and_a_secret()
    {
        var answer = await webhooks.PostAsync(
            Path,
            """
            {"url":"https://shop.example/webhooks?shop=1","customer_id":"cust_a","event_types":["charge.failed","charge.succeeded","charge.failed"],
             "description":"The shop","payload_style":"flat"}
            """);

        Assert.Equal((201, "no-store"), (answer.Status, answer.Headers["Cache-Control"]));
        Assert.Equal($"{Path}/{answer.Json.Id()}", answer.Headers["Location"]);
        Assert.Equal(
            ["id", "url", "customer_id", "event_types", "description", "payload_style", "status", "disabled_because", "failing_since", "disabled_at",
             "previous_secret_until", "created_at", "updated_at", "secret"],
            answer.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ("https://shop.example/webhooks?shop=1", "cust_a", """["charge.failed","charge.succeeded"]""", "The shop", "flat", "enabled"),
            (answer.Json.Text("url"), answer.Json.Text("customer_id"), answer.Json.Text("event_types"), answer.Json.Text("description"),
             answer.Json.Text("payload_style"), answer.Json.Text("status")));
        Assert.Matches("^whsec_[A-Za-z0-9+/]{43}=$", answer.Json.Text("secret"));
    }

    [Fact]
    public async Task What_is_left_out_means_everybody_everything_and_envelopes()
    {
        var endpoint = await webhooks.EndpointAsync("""  "customer_id":null,"event_types":null """);

        Assert.Equal(
            (JsonValueKind.Null, "[]", JsonValueKind.Null, "envelope"),
            (endpoint.GetProperty("customer_id").ValueKind, endpoint.Text("event_types"), endpoint.GetProperty("description").ValueKind,
             endpoint.Text("payload_style")));
    }

    [Fact]
    public async Task Only_the_members_that_are_sent_change()
    {
        var endpoint = await webhooks.EndpointAsync("""  "event_types":["charge.failed"],"description":"The shop","payload_style":"flat" """);
        var path = $"{Path}/{endpoint.Id()}";

        var moved = (await webhooks.SendAsync("PATCH", path, """{"url":"http://other.example/"}""")).Json;
        Assert.Equal(
            ("http://other.example/", """["charge.failed"]""", "The shop", "flat"),
            (moved.Text("url"), moved.Text("event_types"), moved.Text("description"), moved.Text("payload_style")));
        Assert.NotEqual("", moved.Text("updated_at"));

        var changed = (await webhooks.SendAsync(
            "PATCH", path, """{"event_types":["payment.failed"],"description":"Mine","payload_style":"envelope","customer_id":null}""")).Json;
        Assert.Equal(
            ("""["payment.failed"]""", "Mine", "envelope"), (changed.Text("event_types"), changed.Text("description"), changed.Text("payload_style")));

        var cleared = (await webhooks.SendAsync("PATCH", path, """{"event_types":null,"description":null}""")).Json;
        Assert.Equal(("[]", JsonValueKind.Null), (cleared.Text("event_types"), cleared.GetProperty("description").ValueKind));
        Assert.DoesNotContain("secret\"", cleared.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_endpoint_gets_nothing_and_says_how_to_change_that()
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        var waits = await webhooks.DeliveryAsync(await webhooks.EventAsync(), endpoint, "pending");
        var delivered = await webhooks.DeliveryAsync(await webhooks.EventAsync(), endpoint, "delivered");

        var disabled = (await webhooks.SendAsync("PATCH", $"{Path}/{endpoint}", """{"disabled":true}""")).Json;

        Assert.Equal(("disabled", "owner"), (disabled.Text("status"), disabled.Text("disabled_because")));
        Assert.Equal("failed tries=10 attempts=10 claim=7", await webhooks.StateAsync(waits));
        Assert.Equal("delivered tries=10 attempts=10 claim=7", await webhooks.StateAsync(delivered));
        Assert.Contains(
            "disabled by its owner", await webhooks.Database.ReadAsync<string>($"SELECT error_message FROM webhook_deliveries WHERE id = '{waits}'"),
            StringComparison.Ordinal);
        foreach (var (path, body) in ((string, string)[])[
            ($"{Path}/{endpoint}/test", "{}"), ($"{Path}/{endpoint}/replay", """{"since":"2026-01-01T00:00:00Z"}"""), ($"/webhooks/{waits}/retry", "{}"),
            ("/webhooks/retry", $$"""{"endpoint_id":"{{endpoint}}"}""")])
        {
            var problem = (await webhooks.PostAsync(path, body)).IsProblem(409, "endpoint_disabled");
            Assert.Contains("""{"disabled":false}""", problem.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_enabled_endpoint_counts_as_one_that_never_failed()
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        await webhooks.Database.ExecuteAsync(
            $"""
            UPDATE webhook_endpoints
            SET failing_since = now() - interval '5 days', disabled_at = now(), disabled_because = 'failing', next_publish_at = 'infinity'
            WHERE id = '{endpoint}'
            """);

        Assert.Equal("failing", (await webhooks.SendAsync("PATCH", $"{Path}/{endpoint}", """{"disabled":true}""")).Json.Text("disabled_because"));
        var enabled = (await webhooks.SendAsync("PATCH", $"{Path}/{endpoint}", """{"disabled":false}""")).Json;

        Assert.Equal(
            ("enabled", "", "", ""),
            (enabled.Text("status"), enabled.Text("failing_since"), enabled.Text("disabled_at"), enabled.Text("disabled_because")));
        Assert.True(await webhooks.Database.ReadAsync<bool>($"SELECT next_publish_at <= now() FROM webhook_endpoints WHERE id = '{endpoint}'"));
    }

    [Fact]
    public async Task A_deleted_endpoint_is_gone_and_its_pending_deliveries_have_failed()
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        var waits = await webhooks.DeliveryAsync(await webhooks.EventAsync(), endpoint, "pending");
        await webhooks.Database.ExecuteAsync(
            $"""
            INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, next_attempt_at)
            SELECT uuid_v7(), uuid_v7(), '{endpoint}', 'charge.failed', now() FROM generate_series(1, 1500)
            """);

        var answer = await webhooks.SendAsync("DELETE", $"{Path}/{endpoint}");

        Assert.Equal((204, ""), (answer.Status, answer.Body));
        Assert.Equal("failed=1501", await webhooks.CountsAsync(endpoint));
        Assert.Equal("The endpoint was deleted.", await webhooks.Database.ReadAsync<string>(
            $"SELECT DISTINCT error_message FROM webhook_deliveries WHERE endpoint_id = '{endpoint}'"));
        (await webhooks.PostAsync($"/webhooks/{waits}/retry")).IsProblem(409, "endpoint_deleted");
        foreach (var (method, path, body) in Actions(endpoint)) (await webhooks.SendAsync(method, path, body)).IsProblem(404, "not_found");
    }

    [Theory]
    [InlineData("019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f")]
    [InlineData("42")]
    [InlineData("{019a6f60-4444-7c3d-9e4f-0a1b2c3d4e5f}")]
    public async Task What_is_not_there_is_a_404(string id)
    {
        foreach (var (method, path, body) in Actions(id)) (await webhooks.SendAsync(method, path, body)).IsProblem(404, "not_found");
        (await webhooks.PostAsync($"/webhooks/{id}/retry")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task A_deletion_waits_for_events_that_are_being_fanned_out()
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        await using var fanOut = await webhooks.Database.LockAsync($"SELECT pg_advisory_xact_lock({Data.AdvisoryLock.FanOut})");

        var deletion = webhooks.SendAsync("DELETE", $"{Path}/{endpoint}");
        await webhooks.Database.WaitForBlockedAsync(1);
        await webhooks.DeliveryAsync(await webhooks.EventAsync(), endpoint, "pending"); // What the worker adds.
        await fanOut.DisposeAsync();

        Assert.Equal((204, "failed=1"), ((await deletion).Status, await webhooks.CountsAsync(endpoint)));
    }

    [Fact]
    public async Task Notices_to_operators_are_for_administrators_and_never_for_a_customer()
    {
        const string Notices = """  "event_types":["operations.dead_letter"] """;
        (await webhooks.PostAsync(Path, $$"""{"url":"https://ops.example",{{Notices}}}""")).IsProblem(403, "forbidden");
        var refused = await webhooks.PostAsync(Path, $$"""{"url":"https://ops.example","customer_id":"cust_a",{{Notices}}}""", WebhookService.Admin);
        Assert.Contains("no customer gets", refused.IsProblem(422, "validation_failed").Error("event_types"), StringComparison.Ordinal);

        var endpoint = (await webhooks.EndpointAsync(Notices, WebhookService.Admin)).Id();
        foreach (var (method, path, body) in Actions(endpoint)) (await webhooks.SendAsync(method, path, body)).IsProblem(403, "forbidden");
        var ordinary = (await webhooks.EndpointAsync()).Id();
        (await webhooks.SendAsync("PATCH", $"{Path}/{ordinary}", $"{{{Notices}}}")).IsProblem(403, "forbidden");
        (await webhooks.PostAsync($"{Path}/{ordinary}/test", """{"event_type":"operations.worker_lost"}""")).IsProblem(403, "forbidden");
        var customers = (await webhooks.EndpointAsync("""  "customer_id":"cust_a" """)).Id();
        (await webhooks.SendAsync("PATCH", $"{Path}/{customers}", $"{{{Notices}}}", WebhookService.Admin)).IsProblem(422, "validation_failed");
        (await webhooks.PostAsync($"{Path}/{customers}/test", """{"event_type":"operations.worker_lost"}""", WebhookService.Admin))
            .IsProblem(422, "validation_failed");
        Assert.Equal(202, (await webhooks.PostAsync($"{Path}/{endpoint}/test", """{"event_type":"operations.worker_lost"}""", WebhookService.Admin)).Status);
    }

    [Theory]
    [InlineData("url", "is missing", "{}")]
    [InlineData("url", "must be an absolute", """{"url":null}""")]
    [InlineData("url", "must be an absolute", """{"url":7}""")]
    [InlineData("url", "must be an absolute", """{"url":"shop.example/webhooks"}""")]
    [InlineData("url", "must be an absolute", """{"url":"ftp://shop.example"}""")]
    [InlineData("url", "must be an absolute", """{"url":"\ud800"}""")]
    [InlineData("url", "line break", """{"url":"https://shop.example/\r\nX: y"}""")]
    [InlineData("url", "control", """{"url":"https://shop.example/\u0000"}""")]
    [InlineData("url", "user name", """{"url":"https://user:secret@shop.example"}""")]
    [InlineData("url", "fragment", """{"url":"https://shop.example/#top"}""")]
    [InlineData("url", "1 to 2048 characters", """{"url":"https://shop.example/LONG"}""")]
    [InlineData("url", "must not point to 10.0.0.1", """{"url":"https://10.0.0.1/hook"}""")]
    [InlineData("url", "must not point to inside.example, which is 10.1.2.3", """{"url":"https://inside.example/hook"}""")]
    [InlineData("customer_id", "must be a string of 1-128", """{"url":"https://a.example","customer_id":"a b"}""")]
    [InlineData("customer_id", "must be a string of 1-128", """{"url":"https://a.example","customer_id":7}""")]
    [InlineData("event_types", "must be an array", """{"url":"https://a.example","event_types":"charge.succeeded"}""")]
    [InlineData("event_types", "must be an array", """{"url":"https://a.example","event_types":[7]}""")]
    [InlineData("event_types", "x.y, which is no event type; allowed are transaction.processed", """{"url":"https://a.example","event_types":["x.y"]}""")]
    [InlineData("description", "at most 500", """{"url":"https://a.example","description":"LONG"}""")]
    [InlineData("payload_style", "must be envelope or flat", """{"url":"https://a.example","payload_style":"xml"}""")]
    [InlineData("payload_style", "must be envelope or flat", """{"url":"https://a.example","payload_style":null}""")]
    [InlineData("disabled", "must be true or false", """{"disabled":null}""", "PATCH")]
    [InlineData("disabled", "must be true or false", """{"disabled":"yes"}""", "PATCH")]
    [InlineData("customer_id", "cannot be changed", """{"customer_id":"cust_a"}""", "PATCH")]
    [InlineData("url", "must be an absolute", """{"url":"shop.example"}""", "PATCH")]
    [InlineData("event_types", "no event type", """{"event_types":["x"]}""", "PATCH")]
    [InlineData("event_type", "must be an event type; allowed are", """{"event_type":"charge.gone"}""", "/test")]
    [InlineData("since", "is missing", "{}", "/replay")]
    [InlineData("since", "must be an RFC 3339 time", """{"since":"yesterday"}""", "/replay")]
    [InlineData("since", "must be in the past", """{"since":"9999-12-31T23:59:59Z"}""", "/replay")]
    [InlineData("since", "must be earlier than until", """{"since":"2026-01-02T00:00:00Z","until":"2026-01-02T00:00:00Z"}""", "/replay")]
    [InlineData("until", "must be an RFC 3339 time", """{"since":"2026-01-02T00:00:00Z","until":5}""", "/replay")]
    [InlineData("only", "must be one of missing, failed, all", """{"since":"2026-01-02T00:00:00Z","only":"some"}""", "/replay")]
    [InlineData("dry_run", "must be true or false", """{"since":"2026-01-02T00:00:00Z","dry_run":1}""", "/replay")]
    [InlineData("status", "must be one of pending, delivered, failed", """{"status":"lost"}""", "/webhooks/retry")]
    [InlineData("event_type", "must be one of transaction.processed", """{"event_type":"x"}""", "/webhooks/retry")]
    [InlineData("endpoint_id", "must be a UUID", """{"endpoint_id":"x"}""", "/webhooks/retry")]
    [InlineData("from", "must be earlier than to", """{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}""", "/webhooks/retry")]
    public async Task What_is_not_acceptable_is_named_with_what_is_allowed(string field, string message, string body, string? where = null)
    {
        var endpoint = where is null or "/webhooks/retry" ? "" : (await webhooks.EndpointAsync()).Id();
        var (method, path) = where switch
        {
            null => ("POST", Path),
            "PATCH" => ("PATCH", $"{Path}/{endpoint}"),
            ['/', 'w', ..] => ("POST", where),
            _ => ("POST", $"{Path}/{endpoint}{where}"),
        };

        var answer = await webhooks.SendAsync(method, path, body.Replace("LONG", new string('a', 2049), StringComparison.Ordinal));

        Assert.Contains($"{field} ", answer.IsProblem(422, "validation_failed").Error(field), StringComparison.Ordinal);
        Assert.Contains(message, answer.Json.Error(field), StringComparison.Ordinal);
    }

    private static (string Method, string Path, string? Body)[] Actions(string id) =>
    [
        ("PATCH", $"{Path}/{id}", "{}"), ("DELETE", $"{Path}/{id}", null), ("POST", $"{Path}/{id}/rotate-secret", null), ("POST", $"{Path}/{id}/test", null),
        ("POST", $"{Path}/{id}/replay", """{"since":"2026-01-01T00:00:00Z"}"""),
    ];
}
