using System.Text.Json;
using Contracts;
using Data.Webhooks;
using Npgsql;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Webhooks;

/// <summary>The whole worker: from an event to a receiver.</summary>
[Trait("Kafka", "yes")]
public sealed class DeliveringTests(Servers servers) : IAsyncLifetime
{
    private static readonly string[] Notices = [WebhookEvents.OperationsDeadLetter];

    private World _world = null!;
    private WebhookRows _rows = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await World.CreateAsync(servers);
        _rows = new(_world);
    }

    public async ValueTask DisposeAsync()
    {
        await _world.DisposeAsync();
        await _rows.DisposeAsync();
    }

    [Fact]
    public async Task A_processed_transaction_is_delivered_once_signed_and_as_its_GET_shows_it()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_ => 204);
        var (_, secret) = await _rows.AddEndpointAsync(receiver.UrlOf("hook"));
        _world.StartWorker(null, WebhookRows.Settings);

        await _world.AcceptAsync("txn_1");
        await _rows.UntilDeliveredAsync(1);

        var caught = Assert.Single(receiver.Caught);
        Assert.True(caught.IsSignedBy(secret));
        Assert.Equal("application/json", caught.ContentType);
        var payload = JsonElement.Parse(caught.Body);
        Assert.Equal(caught.Id, payload.GetProperty("id").GetString());
        Assert.Equal("transaction.processed", payload.GetProperty("type").GetString());
        Assert.True(payload.GetProperty("sequence").GetInt64() > 0);
        var data = payload.GetProperty("data");
        Assert.Equal(("txn_1", "12.50", "PROCESSED"), (Text(data, "transaction_id"), Text(data, "amount"), Text(data, "status")));
        Assert.Equal(1, await _world.ScalarAsync<long>("SELECT count(*) FROM webhook_attempts WHERE response_status = 204 AND error_message IS NULL"));
    }

    [Fact]
    public async Task Where_no_endpoint_wants_an_event_there_is_none()
    {
        await _rows.AddEndpointAsync("http://127.0.0.1:9/", types: [WebhookEvents.TransactionFailed]);
        await _rows.AddEndpointAsync("http://127.0.0.1:9/", customer: "cust_1");
        _world.StartWorker(null, WebhookRows.Settings);

        await _world.AcceptAsync("txn_1");
        await _world.UntilAllProcessedAsync();

        Assert.Equal(0, await _world.ScalarAsync<long>("SELECT count(*) FROM webhook_events"));
    }

    [Fact]
    public async Task What_fails_is_sent_again_with_the_same_id_and_body_until_it_is_taken_and_every_attempt_is_kept()
    {
        var answers = 0;
        await using var receiver = await WebhookReceiver.StartAsync(_ => Interlocked.Increment(ref answers) < 3 ? 500 : 200);
        await _rows.AddEndpointAsync(receiver.UrlOf("hook"), types: Notices);
        _world.StartWorker(null, WebhookRows.Settings);

        await _rows.AddNoticesAsync(1);
        await _rows.UntilDeliveredAsync(1);

        Assert.Equal(3, receiver.Caught.Count);
        Assert.Single(receiver.Caught.Select(one => (one.Id, Convert.ToBase64String(one.Body))).Distinct());
        Assert.Equal("500,500,200", await _world.ScalarAsync<string>(
            "SELECT string_agg(response_status::text, ',' ORDER BY number) FROM webhook_attempts"));
        Assert.Equal(1, await _world.ScalarAsync<long>("SELECT count(*) FROM webhook_endpoints WHERE failing_since IS NULL"));
    }

    [Fact]
    public async Task After_the_last_wait_it_is_failed_and_what_is_delivered_meanwhile_is_not_delayed()
    {
        await using var receiver = await WebhookReceiver.StartAsync(caught => caught.Path == "good" ? 200 : 403);
        await _rows.AddEndpointAsync(receiver.UrlOf("bad"), types: Notices);
        await _rows.AddEndpointAsync(receiver.UrlOf("good"), types: Notices);
        _world.StartWorker(null, WebhookRows.Settings);

        await _rows.AddNoticesAsync(1);
        await _rows.UntilAsync("count(*) = 1 FROM webhook_deliveries WHERE status = 'failed' AND attempts = 3 AND error_message = 'HTTP 403'");

        Assert.Equal(3, receiver.Caught.Count(one => one.Path == "bad"));
        await _rows.UntilDeliveredAsync(1);
        Assert.Equal(1, await _world.ScalarAsync<long>("SELECT count(*) FROM webhook_endpoints WHERE failing_since IS NOT NULL"));
    }

    [Fact]
    public async Task A_receiver_that_never_answers_holds_up_no_other_and_gets_no_more_at_a_time_than_is_allowed()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await WebhookReceiver.StartAsync(
            (caught, context) => caught.Path == "stuck" ? release.Task.WaitAsync(context.RequestAborted) : Task.CompletedTask);
        await _rows.AddEndpointAsync(receiver.UrlOf("stuck"), types: Notices);
        await _rows.AddEndpointAsync(receiver.UrlOf("good"), types: Notices);
        _world.StartWorker(null, [.. WebhookRows.Settings, ("Webhooks:MaxPerEndpoint", "2")]);

        await _rows.AddNoticesAsync(Enumerable.Range(1, 40));
        await _rows.UntilDeliveredAsync(40);

        Assert.Equal(2, receiver.Caught.Count(one => one.Path == "stuck"));
        release.SetResult();
        await _rows.UntilDeliveredAsync(80);
        Assert.Equal(80, receiver.Caught.Select(one => (one.Path, one.Id)).Distinct().Count());
    }

    [Fact]
    public async Task While_attempts_cannot_be_recorded_the_next_are_sent_up_to_four_for_each_that_may_be_sent_at_a_time()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_ => 200);
        await _rows.AddEndpointAsync(receiver.UrlOf("hook"), types: Notices);
        _world.StartWorker(null, [.. WebhookRows.Settings, ("Webhooks:MaxPerEndpoint", "1")]);
        await using var locked = await _world.Database.OpenConnectionAsync(Cancelled);
        await using (var hold = new NpgsqlCommand("BEGIN; LOCK TABLE webhook_attempts IN EXCLUSIVE MODE", locked)) await hold.ExecuteNonQueryAsync(Cancelled);

        await _rows.AddNoticesAsync(Enumerable.Range(1, 10));
        await receiver.UntilCaughtAsync("hook", 4);

        Assert.Equal(4, receiver.Caught.Count);
        await using (var release = new NpgsqlCommand("COMMIT", locked)) await release.ExecuteNonQueryAsync(Cancelled);
        await _rows.UntilDeliveredAsync(10);
        Assert.Equal(10, receiver.Caught.Count);
    }

    [Theory]
    [InlineData(410, null, DisabledReason.Gone)]
    [InlineData(200, "disable", DisabledReason.Receiver)]
    public async Task A_receiver_that_wants_no_more_is_left_alone_and_what_waits_can_be_replayed(int status, string? header, string because)
    {
        await using var receiver = await WebhookReceiver.StartAsync((_, context) =>
        {
            context.Response.StatusCode = status;
            if (header is not null) context.Response.Headers["webhook-delivery"] = header;
            return Task.CompletedTask;
        });
        await _rows.AddEndpointAsync(receiver.UrlOf("hook"), types: Notices);
        _world.StartWorker(null, [.. WebhookRows.Settings, ("Webhooks:MaxPerEndpoint", "1")]);

        await _rows.AddNoticesAsync(1, 2, 3, 4, 5, 6);
        await _rows.UntilAsync($"count(*) = 1 FROM webhook_endpoints WHERE disabled_because = '{because}'");
        await _rows.UntilAsync("count(*) = 0 FROM webhook_deliveries WHERE status = 'pending'");

        Assert.Equal(1, await _world.ScalarAsync<long>("SELECT count(*) FROM notices WHERE type = 'operations.endpoint_disabled' AND count = 1"));

        // One more may have been on its way.
        Assert.True(receiver.Caught.Count < 6, $"{receiver.Caught.Count} were sent.");
        await _rows.AddNoticesAsync(7);
        await _rows.UntilAsync("count(*) = 7 AND count(position) = 7 FROM webhook_events");
        Assert.Equal(6, await _world.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries"));
    }

    [Fact]
    public async Task While_a_secret_is_rotated_a_receiver_may_know_either()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_ => 200);
        var old = WebhookSecret.New(System.Security.Cryptography.RandomNumberGenerator.Fill);
        var (_, secret) = await _rows.AddEndpointAsync(receiver.UrlOf("hook"), types: Notices, previous: old);
        _world.StartWorker(null, WebhookRows.Settings);

        await _rows.AddNoticesAsync(1);
        var caught = (await receiver.UntilCaughtAsync("hook", 1))[0];

        Assert.True(caught.IsSignedBy(secret));
        Assert.True(caught.IsSignedBy(old));
    }

    [Fact]
    public async Task An_address_inside_is_not_connected_to_and_the_log_says_why()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_ => 200);
        await _rows.AddEndpointAsync(receiver.UrlOf("hook"), types: Notices);
        _world.StartWorker(null, [.. WebhookRows.Settings, ("Webhooks:AllowLoopback", "false")]);

        await _rows.AddNoticesAsync(1);
        await _rows.UntilAsync("count(*) = 1 FROM webhook_deliveries WHERE error_message LIKE '%127.0.0.1%loopback%'");

        Assert.Empty(receiver.Caught);
    }

    [Fact]
    public async Task A_worker_that_stops_records_what_it_has_sent_and_another_sends_the_rest()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await WebhookReceiver.StartAsync((_, context) => release.Task.WaitAsync(context.RequestAborted));
        await _rows.AddEndpointAsync(receiver.UrlOf("hook"), types: Notices);
        var first = _world.StartWorker(null, [.. WebhookRows.Settings, ("Webhooks:MaxPerEndpoint", "1")]);
        await _rows.AddNoticesAsync(1, 2, 3);
        await receiver.UntilCaughtAsync("hook", 1);

        var stopping = first.StopAsync();
        release.SetResult();
        await stopping;
        Assert.Equal(1, await _world.ScalarAsync<long>("SELECT count(*) FROM webhook_deliveries WHERE status = 'delivered'"));
        _world.StartWorker(null, WebhookRows.Settings);
        await _rows.UntilDeliveredAsync(3);

        Assert.Equal(3, receiver.Caught.Count);
    }

    [Fact]
    public async Task Events_of_one_resource_have_rising_sequences_and_positions_follow_the_order_of_fanning_out()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_ => 200);
        await _rows.AddEndpointAsync(receiver.UrlOf("hook"), types: Notices);
        _world.StartWorker(null, WebhookRows.Settings);
        _world.StartWorker(null, WebhookRows.Settings);

        await _rows.AddNoticesAsync(Enumerable.Range(1, 1_200));
        await _rows.UntilDeliveredAsync(1_200);

        Assert.Equal(1_200, receiver.Caught.Count);
        Assert.Equal(0, await _world.ScalarAsync<long>(
            "SELECT count(*) FROM webhook_events a JOIN webhook_events b ON b.position = a.position + 1 WHERE b.sequence < a.sequence"));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
