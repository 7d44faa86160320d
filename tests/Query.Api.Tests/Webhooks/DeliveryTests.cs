using System.Globalization;
using Query.Api.Tests.Lists;

namespace Query.Api.Tests.Webhooks;

public sealed class DeliveryTests(Databases databases)
{
    private readonly QueryService _query = databases.Query;
    private readonly Hooks _hooks = new(databases.ConnectionString);

    [Fact]
    public async Task A_delivery_is_shown_with_what_is_sent_and_by_its_id_with_every_attempt_too()
    {
        var endpoint = await _hooks.AddEndpointAsync(Customers.NewId());
        var happened = await _hooks.AddEventAsync(customer: null, data: """{"amount":1.50,"note":"é"}""");
        var id = await _hooks.AddDeliveryAsync(endpoint, "pending", happened: happened);
        await _hooks.AddAttemptAsync(id, 2, 503, "upstream <b>", "HTTP 503");
        await _hooks.AddAttemptAsync(id, 1, null, null, "No answer within 15 s.");

        var listed = Assert.Single((await _query.PageAsync($"/webhooks?endpoint_id={endpoint}")).Rows);
        var one = (await _query.GetJsonAsync($"/webhooks/{id}")).GetRawText();

        var sequence = listed.GetProperty("payload").GetProperty("sequence").GetInt64();
        var common =
            $$$"""
            {"id":"{{{id}}}","event_id":"evt_{{{happened:N}}}","event_type":"charge.succeeded","endpoint_id":"{{{endpoint}}}",
            "url":"https://receiver.example/{{{endpoint}}}","status":"pending","attempts":2,"response_status":503,"error_message":"HTTP 503",
            "payload":{"id":"evt_{{{happened:N}}}","type":"charge.succeeded","timestamp":"2026-01-15T10:30:05.25Z","sequence":{{{sequence}}},
            "data":{"amount":1.50,"note":"é"}},"created_at":"2026-01-15T10:30:05.5Z","next_attempt_at":"2026-01-15T10:35:00Z","processed_at":null
            """.ReplaceLineEndings("");
        Assert.Equal(common + "}", listed.GetRawText());
        Assert.Equal(
            common +
            """
            ,"attempts_log":[
            {"number":1,"sent_at":"2026-01-15T10:30:06.5Z","response_status":null,"duration_ms":12,
            "error_message":"No answer within 15 s.","response_body":null},
            {"number":2,"sent_at":"2026-01-15T10:30:07.5Z","response_status":503,"duration_ms":12,"error_message":"HTTP 503","response_body":"upstream <b>"}]}
            """.ReplaceLineEndings(""),
            one);
    }

    [Fact]
    public async Task The_payload_is_in_the_style_of_the_endpoint()
    {
        var happened = await _hooks.AddEventAsync(customer: null);
        var flat = await _hooks.AddDeliveryAsync(await _hooks.AddEndpointAsync(null, "flat"), happened: happened);
        var envelope = await _hooks.AddDeliveryAsync(await _hooks.AddEndpointAsync(null), happened: happened);

        Assert.Equal(
            """
            {"event_type":"charge.succeeded","charge_id":"c","customer_id":"k","amount":1.50,"currency":"USD","status":"succeeded","payment_method":null,
            "external_charge_id":null,"split_instructions":{"splits":[{"destination":"a","percent":100.0}]},"created_at":"t",
            "metadata":{"n":1.0,"installment_id":null,"installment_order_id":null}}
            """.ReplaceLineEndings(""),
            (await _query.GetJsonAsync($"/webhooks/{flat}")).GetProperty("payload").GetRawText());
        Assert.Equal("c", (await _query.GetJsonAsync($"/webhooks/{envelope}")).GetProperty("payload").GetProperty("data").GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_list_shows_those_that_match_every_filter_the_newest_first()
    {
        var customer = Customers.NewId();
        var one = await _hooks.AddEndpointAsync(customer);
        var other = await _hooks.AddEndpointAsync(customer, more: "deleted_at = now()");
        var nobodys = await _hooks.AddEndpointAsync(customer: null);
        var happened = await _hooks.AddEventAsync(customer);
        var first = await _hooks.AddDeliveryAsync(one, "delivered", happened: happened);
        var second = await _hooks.AddDeliveryAsync(other, "failed", happened: happened);
        var third = await _hooks.AddDeliveryAsync(nobodys, "pending", happened: happened);
        var fourth = await _hooks.AddDeliveryAsync(one, "pending", "order.completed");
        var fifth = await _hooks.AddDeliveryAsync(one, "failed", "order.completed");
        var sixth = await _hooks.AddDeliveryAsync(one, "delivered", "charge.failed");
        var ofEvent = $"event_id=evt_{happened:N}";

        Assert.Equal([sixth, fifth, fourth, first], await IdsAsync($"endpoint_id={one}"));
        Assert.Equal([sixth, fifth, fourth, second, first], await IdsAsync($"customer_id={customer}"));
        Assert.Equal([fifth, second], await IdsAsync($"customer_id={customer}&status=failed"));
        Assert.Equal([fifth], await IdsAsync($"customer_id={customer}&status=failed&event_type=order.completed"));
        Assert.Equal([fifth, fourth], await IdsAsync($"endpoint_id={one}&event_type=order.completed"));
        Assert.Equal([fourth], await IdsAsync($"endpoint_id={one}&event_type=order.completed&status=pending"));
        Assert.Equal([fourth], await IdsAsync($"endpoint_id={one}&status=pending&event_type="));
        Assert.Equal([third], await IdsAsync($"endpoint_id={nobodys}"));
        Assert.Equal([second], await IdsAsync($"endpoint_id={other}&customer_id={customer}"));
        Assert.Empty(await IdsAsync($"endpoint_id={nobodys}&customer_id={customer}"));
        Assert.Equal([third, second, first], await IdsAsync(ofEvent));
        Assert.Equal([second, first], await IdsAsync($"{ofEvent}&customer_id={customer}"));
        Assert.Equal([second], await IdsAsync($"{ofEvent}&status=failed&event_type=charge.succeeded"));
        Assert.Equal([third], await IdsAsync($"{ofEvent}&endpoint_id={nobodys}"));
        Assert.Empty(await IdsAsync($"{ofEvent}&event_type=order.completed"));
        Assert.Empty(await IdsAsync($"event_id=evt_{Guid.NewGuid():N}"));
        Assert.Empty(await IdsAsync($"endpoint_id={Guid.NewGuid()}"));
    }

    [Fact]
    public async Task Without_an_endpoint_all_are_searched_and_nothing_is_left_out()
    {
        // A database of its own: other tests add deliveries while this one reads all of them.
        var connectionString = await databases.CreateAsync($"log_{Guid.NewGuid():N}");
        await using var query = new QueryService(connectionString);
        var hooks = new Hooks(connectionString);
        Guid[] endpoints = [await hooks.AddEndpointAsync("c1"), await hooks.AddEndpointAsync("c1"), await hooks.AddEndpointAsync(null)];
        List<(Guid Id, string Status, string Type)> all = [];
        foreach (var endpoint in endpoints)
        {
            foreach (var status in (string[])["pending", "delivered", "failed"])
            {
                foreach (var type in (string[])["charge.failed", "payment.failed", "operations.dead_letter"])
                    all.Add((await hooks.AddDeliveryAsync(endpoint, status, type), status, type));
            }
        }

        all.Reverse();
        Assert.Equal(all.Select(one => one.Id), (await query.WalkAsync("/webhooks?limit=4")).Ids());
        foreach (var status in (string[])["pending", "delivered", "failed"])
        {
            Assert.Equal(all.Where(one => one.Status == status).Select(one => one.Id), (await query.WalkAsync($"/webhooks?status={status}&limit=4")).Ids());
            Assert.Equal(
                all.Where(one => one.Status == status && one.Type == "payment.failed").Select(one => one.Id),
                (await query.WalkAsync($"/webhooks?status={status}&event_type=payment.failed&limit=2")).Ids());
        }

        var deadLetters = all.Where(one => one.Type == "operations.dead_letter").Select(one => one.Id).ToList();
        Assert.Equal(deadLetters, (await query.WalkAsync("/webhooks?event_type=operations.dead_letter&limit=2")).Ids());
        Assert.Equal(deadLetters[3..5], (await query.PageAsync("/webhooks?event_type=operations.dead_letter&skip=3&limit=2")).Rows.Ids());
    }

    [Fact]
    public async Task A_period_begins_with_its_first_millisecond_and_ends_before_its_last()
    {
        var endpoint = await _hooks.AddEndpointAsync(Customers.NewId());
        var happened = await _hooks.AddEventAsync(null);
        var (begin, first) = (_hooks.Now, await _hooks.AddDeliveryAsync(endpoint, happened: happened));
        var (middle, second) = (_hooks.Now.AddMilliseconds(1), await _hooks.AddDeliveryAsync(endpoint, "failed"));
        var end = _hooks.Now;

        Assert.Equal([second, first], await InAsync(begin, end));
        Assert.Equal([first], await InAsync(begin, middle));
        Assert.Equal([second], await InAsync(middle, end));
        Assert.Equal([second], await InAsync(middle.AddTicks(10), middle.AddTicks(9_990))); // Within one millisecond, which is shown whole.
        Assert.Empty(await InAsync(end, end.AddYears(5000)));
        Assert.Empty(await InAsync(begin.AddYears(-2000), begin));
        Assert.Equal([second], await IdsAsync($"endpoint_id={endpoint}&status=failed&from={Text(begin)}"));
        Assert.Empty(await IdsAsync($"event_id=evt_{happened:N}&from={Text(middle)}"));

        Task<List<Guid>> InAsync(DateTimeOffset from, DateTimeOffset to) => IdsAsync($"endpoint_id={endpoint}&from={Text(from)}&to={Text(to)}");
    }

    [Theory]
    [InlineData("status", "?status=DELIVERED", "pending, delivered, failed")]
    [InlineData("event_type", "?event_type=charge.%25", "charge.succeeded")]
    [InlineData("endpoint_id", "?endpoint_id=1", "UUID")]
    [InlineData("customer_id", "?customer_id=a%20b", "1-128 characters")]
    [InlineData("event_id", "?event_id=019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f", "evt_")]
    [InlineData("from", "?from=yesterday", "RFC 3339")]
    [InlineData("to", "?from=2026-01-15T10:30:01Z&to=2026-01-15T10:30:00Z", "earlier")]
    [InlineData("customer_id", "/endpoints?customer_id=a%20b", "1-128 characters")]
    [InlineData("after", "/events?after=abc", "next_cursor")]
    [InlineData("after", "/events?after=evt_1", "evt_")]
    [InlineData("after", "/events?after=%00", "next_cursor")]
    [InlineData("event_type", "/events?event_type=charge", "charge.succeeded")]
    [InlineData("limit", "/events?limit=201", "1 to 200")]
    public async Task A_parameter_that_is_not_allowed_is_named_with_what_is(string name, string query, string allowed)
    {
        var problem = await _query.GetProblemAsync($"/webhooks{query}", 422);

        Assert.Contains(allowed, problem.GetProperty("errors").GetProperty(name)[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1"), InlineData("%ff"), InlineData("evt_019a6f3e8b1a7c3d9e4f0a1b2c3d4e5f"), InlineData("019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f")]
    public async Task An_unknown_id_and_what_cannot_be_one_are_404(string id)
    {
        var problem = await _query.GetProblemAsync($"/webhooks/{id}", 404);

        Assert.Contains("GET /webhooks", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private async Task<List<Guid>> IdsAsync(string query) => [.. (await _query.PageAsync($"/webhooks?{query}")).Rows.Ids()];

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
