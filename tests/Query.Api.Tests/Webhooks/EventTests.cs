using System.Text.Json;
using Data.Webhooks;
using Query.Api.Webhooks;

namespace Query.Api.Tests.Webhooks;

/// <summary>On a database of its own: positions are of what these tests put there.</summary>
public sealed class EventTests(Databases databases) : IAsyncLifetime
{
    private QueryService _query = null!;
    private Hooks _hooks = null!;

    public async ValueTask InitializeAsync()
    {
        var connectionString = await databases.CreateAsync($"events_{Guid.NewGuid():N}");
        (_query, _hooks) = (new QueryService(connectionString), new Hooks(connectionString));
    }

    public ValueTask DisposeAsync() => _query.DisposeAsync();

    [Fact]
    public async Task A_poller_reads_each_payload_once_in_their_order_and_goes_on_from_the_last_cursor()
    {
        var empty = await _query.GetJsonAsync("/webhooks/events");
        Assert.Equal((0, false), (empty.GetProperty("data").GetArrayLength(), empty.GetProperty("has_more").GetBoolean()));
        var first = await _hooks.AddEventAsync("c1");
        var second = await _hooks.AddEventAsync(null, "payment.failed", """{"amount":"1.50"}""");
        await _hooks.AddEventAsync("c1", isFannedOut: false);

        var page = await _query.GetJsonAsync($"/webhooks/events?after={Cursor(empty)}&limit=1");
        Assert.Equal([first], Ids(page));
        Assert.True(page.GetProperty("has_more").GetBoolean());
        page = await _query.GetJsonAsync($"/webhooks/events?after={Cursor(page)}&limit=1");
        Assert.Equal([second], Ids(page));
        Assert.Matches(
            $$"""^\{"id":"evt_{{second:N}}","type":"payment.failed","timestamp":"2026-01-15T10:30:05.25Z","sequence":[0-9]+,"data":\{"amount":"1.50"\}\}$""",
            page.GetProperty("data")[0].GetRawText());
        Assert.False(page.GetProperty("has_more").GetBoolean());

        var nothing = await _query.GetJsonAsync($"/webhooks/events?after={Cursor(page)}");
        Assert.Equal(Cursor(page), Cursor(nothing));
        Assert.Empty(Ids(nothing));
        var third = await _hooks.AddEventAsync(null);
        Assert.Equal([third], Ids(await _query.GetJsonAsync($"/webhooks/events?after={Cursor(nothing)}")));
    }

    [Fact]
    public async Task A_receiver_goes_on_from_the_last_event_that_it_got_and_reads_only_those_that_it_asks_for()
    {
        var first = await _hooks.AddEventAsync("c1");
        var ofPayment = await _hooks.AddEventAsync(null, "payment.failed", "{}");
        await _hooks.AddEventAsync("c1", data: "{}", resource: WebhookEvent.TestResource);
        var ofAnother = await _hooks.AddEventAsync("c2", "charge.failed");
        var last = await _hooks.AddEventAsync("c1");

        Assert.Equal([ofPayment, ofAnother, last], Ids(await _query.GetJsonAsync($"/webhooks/events?after=evt_{first:N}")));
        Assert.Equal([first, last], Ids(await _query.GetJsonAsync("/webhooks/events?customer_id=c1")));
        Assert.Equal([last], Ids(await _query.GetJsonAsync($"/webhooks/events?customer_id=c1&after=evt_{ofAnother:N}")));
        Assert.Equal([ofAnother], Ids(await _query.GetJsonAsync("/webhooks/events?event_type=charge.failed")));
        var none = await _query.GetJsonAsync("/webhooks/events?event_type=charge.failed&customer_id=c1");
        Assert.Empty(Ids(none));
        var later = await _hooks.AddEventAsync("c1", "charge.failed");
        Assert.Equal([later], Ids(await _query.GetJsonAsync($"/webhooks/events?event_type=charge.failed&customer_id=c1&after={Cursor(none)}")));
    }

    [Fact]
    public async Task What_is_no_longer_kept_is_passed_over_and_a_filter_that_matches_little_is_walked_through_in_steps()
    {
        var old = await _hooks.AddEventAsync("c1");
        await _hooks.ExecuteAsync(
            $"""
            INSERT INTO webhook_events (id, type, customer_id, resource_id, data, position)
            SELECT uuid_v7(), 'order.completed', 'c2', 'o', '{Braces}', nextval('webhook_event_positions') FROM generate_series(1, {PollEvents.LookedThrough})
            """);
        var last = await _hooks.AddEventAsync("c1");

        var step = await _query.GetJsonAsync($"/webhooks/events?customer_id=c1&after=evt_{old:N}");
        Assert.Empty(Ids(step));
        Assert.True(step.GetProperty("has_more").GetBoolean());
        Assert.Equal([last], Ids(await _query.GetJsonAsync($"/webhooks/events?customer_id=c1&after={Cursor(step)}")));

        await _hooks.ExecuteAsync("DELETE FROM webhook_events WHERE id <> $1", last);
        var page = await _query.GetJsonAsync("/webhooks/events?customer_id=c1");
        Assert.Equal([last], Ids(page));
        var problem = await _query.GetProblemAsync($"/webhooks/events?after=evt_{old:N}", 422);
        Assert.Contains("oldest", problem.GetProperty("errors").GetProperty("after")[0].GetString(), StringComparison.Ordinal);

        await _hooks.ExecuteAsync("DELETE FROM webhook_events");
        Assert.Equal(Cursor(page), Cursor(await _query.GetJsonAsync($"/webhooks/events?after={Cursor(page)}")));
    }

    private const string Braces = "{}";

    private static string Cursor(JsonElement page) => page.GetProperty("next_cursor").GetString()!;

    private static IEnumerable<Guid> Ids(JsonElement page) =>
        page.GetProperty("data").EnumerateArray().Select(payload => EventBody.ParseId(payload.GetProperty("id").GetString()!)!.Value);
}
