using Data.Webhooks;
using Ingest.Api.Webhooks;
using Npgsql;

namespace Ingest.Api.Tests.Webhooks;

/// <summary>What puts deliveries on their way again: tests, replays and retries.</summary>
[Collection(nameof(WebhookService))]
public sealed class SendAgainTests(WebhookService webhooks)
{
    private static readonly DateTime Since = new(2026, 1, 15, 10, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(null, "charge.succeeded")]
    [InlineData("{}", "charge.succeeded")]
    [InlineData("""{"event_type":"payment.failed"}""", "payment.failed")]
    public async Task A_test_event_goes_to_its_endpoint_alone_with_the_catalogues_example(string? body, string type)
    {
        var customer = webhooks.NewCustomer();
        var endpoint = (await webhooks.EndpointAsync($""" "customer_id":"{customer}","event_types":["charge.failed"] """)).Id();
        var other = (await webhooks.EndpointAsync($""" "customer_id":"{customer}" """)).Id();
        await webhooks.Database.ExecuteAsync($"UPDATE webhook_endpoints SET next_publish_at = 'infinity' WHERE id = '{endpoint}'");

        var answer = await webhooks.PostAsync($"/webhooks/endpoints/{endpoint}/test", body);

        Assert.Equal((202, $"/webhooks/{answer.Json.Id()}"), (answer.Status, answer.Headers["Location"]));
        Assert.Equal((type, "pending", endpoint), (answer.Json.Text("event_type"), answer.Json.Text("status"), answer.Json.Text("endpoint_id")));
        var payload = answer.Json.GetProperty("payload");
        Assert.Equal(answer.Json.Text("event_id"), payload.Text("id"));
        Assert.Equal(EventCatalog.Find(type).Example, payload.GetProperty("data").GetRawText());
        Assert.Equal(("pending=1", ""), (await webhooks.CountsAsync(endpoint), await webhooks.CountsAsync(other)));
        Assert.Equal("pending due tries=0 attempts=0 claim=0", await webhooks.StateAsync(Guid.Parse(answer.Json.Id())));
        Assert.Equal($"(test) {customer} true true", await webhooks.Database.ReadAsync<string>(
            $"""
            SELECT concat_ws(' ', e.resource_id, e.customer_id, (e.position > 0)::text, (w.next_publish_at <= now())::text)
            FROM webhook_events e, webhook_endpoints w WHERE e.id = '{EventBody.ParseId(answer.Json.Text("event_id"))}' AND w.id = '{endpoint}'
            """));
    }

    [Fact]
    public async Task A_test_event_gets_its_position_after_those_that_are_being_fanned_out()
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        await using var fanOut = await webhooks.Database.LockAsync($"SELECT pg_advisory_xact_lock({Data.AdvisoryLock.FanOut})");

        var test = webhooks.PostAsync($"/webhooks/endpoints/{endpoint}/test");
        await webhooks.Database.WaitForBlockedAsync(1);
        var before = await webhooks.Database.ReadAsync<long>($"SELECT nextval('{WebhookEvent.Positions}')");
        await fanOut.DisposeAsync();

        var id = EventBody.ParseId((await test).Json.Text("event_id"));
        Assert.True(await webhooks.Database.ReadAsync<long>($"SELECT position FROM webhook_events WHERE id = '{id}'") > before);
    }

    [Theory]
    [InlineData("missing", 1, "delivered=1 failed=1 pending=2")]
    [InlineData(null, 1, "delivered=1 failed=1 pending=2")]
    [InlineData("failed", 1, "delivered=1 pending=2")]
    [InlineData("all", 3, "pending=4")]
    public async Task A_replay_sends_what_it_is_asked_for_of_what_the_endpoint_wants(string? only, int count, string after)
    {
        var customer = webhooks.NewCustomer();
        var endpoint = (await webhooks.EndpointAsync($""" "customer_id":"{customer}","event_types":["charge.succeeded"] """)).Id();
        var missing = await webhooks.EventAsync(customer: customer, at: Since);
        var delivered = await webhooks.DeliveryAsync(await webhooks.EventAsync(customer: customer, at: Since.AddMinutes(1)), endpoint, "delivered");
        var failed = await webhooks.DeliveryAsync(await webhooks.EventAsync(customer: customer, at: Since.AddMinutes(2)), endpoint);
        var pending = await webhooks.DeliveryAsync(await webhooks.EventAsync(customer: customer, at: Since.AddMinutes(3)), endpoint, "pending");
        await AddUnwantedAsync(customer);
        var request = $$"""{"since":"{{Since:O}}","until":"2026-01-15T11:00:00+00:00"{{(only is null ? "" : $",\"only\":\"{only}\"")}}""";

        var counted = await webhooks.PostAsync($"/webhooks/endpoints/{endpoint}/replay", $$"""{{request}},"dry_run":true}""");
        Assert.Equal((202, $$"""{"endpoint_id":"{{endpoint}}","count":{{count}},"dry_run":true,"next_since":null}"""), (counted.Status, counted.Body));
        Assert.Equal("delivered=1 failed=1 pending=1", await webhooks.CountsAsync(endpoint));

        var sent = await webhooks.PostAsync($"/webhooks/endpoints/{endpoint}/replay", $"{request}}}");
        Assert.Equal((202, $$"""{"endpoint_id":"{{endpoint}}","count":{{count}},"dry_run":false,"next_since":null}"""), (sent.Status, sent.Body));
        Assert.Equal(after, await webhooks.CountsAsync(endpoint));
        const string Again = "pending due tries=0 attempts=10 claim=8";
        Assert.Equal(only is "failed" or "all" ? Again : "failed tries=10 attempts=10 claim=7", await webhooks.StateAsync(failed));
        Assert.Equal(only is "all" ? Again : "delivered tries=10 attempts=10 claim=7", await webhooks.StateAsync(delivered));
        Assert.Equal("pending waits tries=10 attempts=10 claim=7", await webhooks.StateAsync(pending));
        if (only != "failed")
            Assert.Equal("charge.succeeded pending", await webhooks.Database.ReadAsync<string>(
                $"SELECT event_type || ' ' || status FROM webhook_deliveries WHERE event_id = '{missing}' AND next_attempt_at <= now()"));
        Assert.Equal(0, (await webhooks.PostAsync($"/webhooks/endpoints/{endpoint}/replay", $"{request}}}")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task A_replay_of_more_than_one_batch_reaches_the_end()
    {
        var (_, endpoint) = await ManyAsync(2_500);

        var counted = await webhooks.PostAsync($"/webhooks/endpoints/{endpoint}/replay", $$"""{"since":"{{Since:O}}","dry_run":true}""");
        Assert.Equal("2500", counted.Json.Text("count"));
        var answer = await webhooks.PostAsync($"/webhooks/endpoints/{endpoint}/replay", $$"""{"since":"{{Since:O}}"}""");

        Assert.Equal(("2500", ""), (answer.Json.Text("count"), answer.Json.Text("next_since")));
        Assert.Equal("pending=2500", await webhooks.CountsAsync(endpoint));
    }

    [Theory]
    [InlineData("failed")]
    [InlineData("pending")]
    public async Task A_retry_of_more_than_one_batch_reaches_the_end(string status)
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        await webhooks.Database.ExecuteAsync(
            $"""
            INSERT INTO webhook_deliveries (id, event_id, endpoint_id, event_type, status, next_attempt_at, processed_at)
            SELECT uuid_v7(), uuid_v7(), '{endpoint}', 'charge.failed', '{status}', {(status == "pending" ? "now() + interval '2 hours', NULL" : "NULL, now()")}
            FROM generate_series(1, 2500)
            """);
        var request = $$"""{"endpoint_id":"{{endpoint}}","status":"{{status}}","dry_run":""";

        Assert.Equal("""{"count":2500,"dry_run":true,"has_more":false}""", (await webhooks.PostAsync("/webhooks/retry", $"{request}true}}")).Body);
        Assert.Equal("""{"count":2500,"dry_run":false,"has_more":false}""", (await webhooks.PostAsync("/webhooks/retry", $"{request}false}}")).Body);
        Assert.Equal(2_500, await webhooks.Database.ReadAsync<long>(
            $"SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = '{endpoint}' AND status = 'pending' AND next_attempt_at <= now()"));
        Assert.Equal("""{"count":0,"dry_run":true,"has_more":false}""", (await webhooks.PostAsync("/webhooks/retry", $"{request}true}}")).Body);
    }

    [Fact]
    public async Task A_replay_that_is_out_of_time_says_where_to_go_on()
    {
        var (_, endpoint) = await ManyAsync(4_500);
        await using var database = NpgsqlDataSource.Create(webhooks.Database.ConnectionString);

        var (from, sent, requests) = ((DateTime?)Since, 0L, 0);
        while (from is { } since)
        {
            var replay = new ReplayEvents.Replay(since, Since.AddDays(1), ReplayMode.Missing, IsDryRun: false);
            (var count, from) = await ReplayEvents.RunAsync(database, replay, Guid.Parse(endpoint), new Hurried(), TestContext.Current.CancellationToken);
            Assert.True(from is null || from > since, $"{from:O} is not after {since:O}");
            (sent, requests) = (sent + count, requests + 1);
        }

        Assert.True(requests > 1);
        Assert.Equal((4_500, "pending=4500"), (sent, await webhooks.CountsAsync(endpoint)));
    }

    [Theory]
    [InlineData("failed", "1 hour", "pending due tries=0 attempts=10 claim=8")]
    [InlineData("delivered", "1 hour", "pending due tries=0 attempts=10 claim=8")]
    [InlineData("pending", "1 hour", "pending due tries=0 attempts=10 claim=8")]
    [InlineData("pending", "-1 hour", "pending due tries=10 attempts=10 claim=7")]
    [InlineData("pending", "1 hour", "pending waits tries=10 attempts=10 claim=7", "1 minute")]
    [InlineData("pending", "1 hour", "pending due tries=0 attempts=10 claim=8", "-1 second")]
    public async Task A_delivery_that_is_sent_again_is_due_now_and_begins_its_schedule_anew_unless_it_is_in_hand(
        string status, string due, string after, string? claimed = null)
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        await webhooks.Database.ExecuteAsync($"UPDATE webhook_endpoints SET next_publish_at = 'infinity' WHERE id = '{endpoint}'");
        var happened = await webhooks.EventAsync();
        var delivery = await webhooks.DeliveryAsync(happened, endpoint, status, due: due);
        if (claimed is not null)
            await webhooks.Database.ExecuteAsync($"UPDATE webhook_deliveries SET claimed_until = now() + interval '{claimed}' WHERE id = '{delivery}'");

        var answer = await webhooks.PostAsync($"/webhooks/{delivery}/retry");

        Assert.Equal(
            (202, $"{delivery}", EventBody.IdOf(happened), "pending", "10"),
            (answer.Status, answer.Json.Id(), answer.Json.Text("event_id"), answer.Json.Text("status"), answer.Json.Text("attempts")));
        Assert.Equal(after, await webhooks.StateAsync(delivery));
        Assert.True(await webhooks.Database.ReadAsync<bool>($"SELECT next_publish_at <= now() FROM webhook_endpoints WHERE id = '{endpoint}'"));
    }

    [Fact]
    public async Task A_repeated_retry_with_the_same_key_does_nothing_more()
    {
        var endpoint = (await webhooks.EndpointAsync()).Id();
        var delivery = await webhooks.DeliveryAsync(await webhooks.EventAsync(), endpoint);
        var first = await webhooks.PostAsync($"/webhooks/{delivery}/retry", null, ("Idempotency-Key", "retry-1"));
        await webhooks.Database.ExecuteAsync(
            $"UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL, processed_at = now() WHERE id = '{delivery}'");

        var again = await webhooks.PostAsync($"/webhooks/{delivery}/retry", null, ("Idempotency-Key", "retry-1"));

        Assert.Equal((202, first.Body, "true"), (again.Status, again.Body, again.Headers["Idempotency-Replayed"]));
        Assert.Equal("failed tries=0 attempts=10 claim=8", await webhooks.StateAsync(delivery));
    }

    [Theory]
    [InlineData("", "a b c d")]
    [InlineData(""" "status":"delivered" """, "e")]
    [InlineData(""" "status":"pending" """, "f")]
    [InlineData(""" "event_type":"charge.failed" """, "b")]
    [InlineData(""" "endpoint_id":"$1" """, "a b c")]
    [InlineData(""" "endpoint_id":"$1","event_type":"charge.failed" """, "b")]
    [InlineData(""" "from":"2026-01-10T00:00:00Z","to":"2026-01-20T00:00:00Z" """, "c")]
    [InlineData(""" "from":"2026-01-20T00:00:00Z","endpoint_id":"$1" """, "a b")]
    public async Task Many_are_sent_again_by_the_logs_filters_but_not_those_of_dead_endpoints(string filter, string expected)
    {
        var customer = webhooks.NewCustomer();
        var endpoints = new string[4];
        for (var i = 0; i < 4; i++) endpoints[i] = (await webhooks.EndpointAsync($""" "customer_id":"{customer}" """)).Id();
        var (link, deliveries) = (await webhooks.LinkAsync(customer), new Dictionary<string, Guid>());
        foreach (var (name, endpoint, status, type) in ((string, int, string, string)[])[
            ("a", 0, "failed", "charge.succeeded"), ("b", 0, "failed", "charge.failed"), ("c", 0, "failed", "charge.succeeded"),
            ("d", 1, "failed", "charge.succeeded"), ("e", 1, "delivered", "charge.succeeded"), ("f", 1, "pending", "charge.succeeded"),
            ("g", 2, "failed", "charge.succeeded"), ("h", 3, "failed", "charge.succeeded")])
            deliveries[name] = await webhooks.DeliveryAsync(await webhooks.EventAsync(), endpoints[endpoint], status, type);
        var old = Guid.CreateVersion7(new DateTimeOffset(2026, 1, 15, 0, 0, 0, TimeSpan.Zero));
        await webhooks.Database.ExecuteAsync(
            $"""
            UPDATE webhook_deliveries SET id = '{old}', created_at = '2026-01-15T00:00:00Z' WHERE id = '{deliveries["c"]}';
            UPDATE webhook_endpoints SET disabled_at = now(), disabled_because = 'gone' WHERE id = '{endpoints[2]}';
            UPDATE webhook_endpoints SET deleted_at = now() WHERE id = '{endpoints[3]}';
            """);
        deliveries["c"] = old;
        var members = filter.Replace("$1", endpoints[0], StringComparison.Ordinal);
        var count = expected.Split(' ').Length;

        var counted = await webhooks.PostAsync("/webhooks/retry", $"{{{members}{(members == "" ? "" : ",")}\"dry_run\":true}}", link);
        Assert.Equal((202, $$"""{"count":{{count}},"dry_run":true,"has_more":false}"""), (counted.Status, counted.Body));
        Assert.Equal("", await ChangedAsync());
        var retried = await webhooks.PostAsync("/webhooks/retry", $"{{{members}}}", link);
        Assert.Equal((202, $$"""{"count":{{count}},"dry_run":false,"has_more":false}"""), (retried.Status, retried.Body));
        Assert.Equal(expected, await ChangedAsync());

        async Task<string> ChangedAsync()
        {
            var changed = new List<string>();
            foreach (var (name, id) in deliveries)
                if (await webhooks.StateAsync(id) == "pending due tries=0 attempts=10 claim=8") changed.Add(name);
            return string.Join(' ', changed);
        }
    }

    /// <summary>Events that no replay may send: of another type or customer, not fanned out, of another time, and another endpoint's test.</summary>
    private async Task AddUnwantedAsync(string customer)
    {
        await webhooks.EventAsync("charge.failed", customer, Since.AddMinutes(1));
        await webhooks.EventAsync(customer: "somebody_else", at: Since.AddMinutes(1));
        await webhooks.EventAsync(at: Since.AddMinutes(1));
        await webhooks.EventAsync(customer: customer, at: Since.AddMilliseconds(-1));
        await webhooks.EventAsync(customer: customer, at: Since.AddHours(1));
        await webhooks.EventAsync(customer: customer, at: Since.AddMinutes(1), more: "UPDATE webhook_events SET position = NULL WHERE id = '$id'");
        await webhooks.EventAsync(customer: customer, at: Since.AddMinutes(1), more: "UPDATE webhook_events SET resource_id = '(test)' WHERE id = '$id'");
    }

    /// <summary>Events of a customer, a second apart from <see cref="Since"/> on, and an endpoint that got none of them.</summary>
    private async Task<(string Customer, string Endpoint)> ManyAsync(int count)
    {
        var customer = webhooks.NewCustomer();
        var endpoint = (await webhooks.EndpointAsync($""" "customer_id":"{customer}" """)).Id();
        await using var insert = webhooks.Database.CreateCommand(
            """
            INSERT INTO webhook_events (id, type, customer_id, resource_id, data, position, created_at)
            SELECT id, 'charge.failed', $2, 'r', '{}', nextval('webhook_event_positions'), $3 + n * interval '1 second'
            FROM unnest($1) WITH ORDINALITY AS e (id, n)
            """);
        insert.Parameters.Add(new() { Value = Enumerable.Range(1, count).Select(n => Guid.CreateVersion7(Since.AddSeconds(n))).ToArray() });
        insert.Parameters.Add(new() { Value = customer });
        insert.Parameters.Add(new() { Value = Since });
        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return (customer, endpoint);
    }

    /// <summary>Each look at it is two seconds later than the one before.</summary>
    private sealed class Hurried : TimeProvider
    {
        private long _looks;

        public override long GetTimestamp() => ++_looks * 2 * TimestampFrequency;
    }
}
