using Support;

namespace Ingest.Api.Tests;

public sealed class BrokerAwayTests(Servers servers)
{
    [Fact]
    public async Task Without_Kafka_webhooks_are_202_all_the_same_and_their_rows_are_due_for_the_relay_at_once()
    {
        var database = new Database(await servers.CreateDatabaseAsync());
        // Port 1 takes no connections anywhere.
        await using var ingest = IngestService.Start(database, database.ConnectionString, "127.0.0.1:1", null, ("Accept:DeliveryTimeout", "00:00:10"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ingest.PostAsync(IngestService.Body($"txn_{i}"))));
        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        Assert.Equal(20, await database.ReadAsync<long>("SELECT count(*) FROM transactions WHERE next_publish_at > now() + interval '20 s'"));

        await Eventually.GetAsync(
            _ => database.ReadAsync<long>(
                """
                SELECT count(*) FROM transactions t
                WHERE next_publish_at <= now() AND EXISTS (SELECT FROM transaction_outbox WHERE created_at = t.created_at AND look_at <= now())
                """),
            due => due == 20,
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_Kafka_it_is_ready_and_says_that_the_broker_is_away()
    {
        var database = new Database(await servers.CreateDatabaseAsync());
        await using var ingest = IngestService.Start(database, database.ConnectionString, "127.0.0.1:1");

        // The broker is waited for for one of the two seconds that all have; the first question of a process may need the other one.
        var answer = await Eventually.GetAsync(
            _ => ingest.SendAsync(HttpMethod.Get, "/health"), answer => answer.Status == 200, TestContext.Current.CancellationToken);

        var broker = answer.Json.GetProperty("checks").GetProperty("broker");
        Assert.Equal(("healthy", "degraded"), (answer.Json.GetProperty("status").GetString(), broker.GetString()));
    }
}
