using Contracts;
using Npgsql;
using Processor.Worker.Tests.Worlds;

namespace Processor.Worker.Tests.Webhooks;

/// <summary>How many deliveries a worker has under way to one endpoint.</summary>
[Trait("Kafka", "yes")]
public sealed class DeliveryPlacesTests(Servers servers) : IAsyncLifetime
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
}
