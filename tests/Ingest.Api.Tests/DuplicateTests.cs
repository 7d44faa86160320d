namespace Ingest.Api.Tests;

[Trait("Kafka", "yes")]
public sealed class DuplicateTests(Servers servers, SharedService service) : IClassFixture<SharedService>
{
    private readonly IngestService _ingest = service.Ingest;

    [Fact]
    public async Task Duplicate_webhook_is_stored_once_and_published_once()
    {
        (await _ingest.PostAsync(IngestService.Body("txn_dup"))).IsAccepted("txn_dup");
        (await _ingest.PostAsync(IngestService.Body("txn_dup"))).IsAccepted("txn_dup", duplicate: true);
        (await _ingest.PostAsync(IngestService.Body("txn_dup"))).IsAccepted("txn_dup", duplicate: true);
        (await _ingest.PostAsync(IngestService.Body("txn_dup_last"))).IsAccepted("txn_dup_last");

        Assert.Equal(["txn_dup", "txn_dup_last"], await _ingest.Database.IdsAsync("txn_dup"));
        await Records.ReadAsync(servers.Broker, "txn_dup_last");
        Assert.Single(await Records.ReadAsync(servers.Broker, "txn_dup"));
    }

    [Fact]
    public async Task Of_50_identical_webhooks_at_once_exactly_one_is_new()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _ingest.PostAsync(IngestService.Body("txn_at_once"))));

        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        Assert.Single(answers, answer => !answer.Json.GetProperty("duplicate").GetBoolean());
        Assert.Equal(["txn_at_once"], await _ingest.Database.IdsAsync("txn_at_once"));
    }

    [Fact]
    public async Task Of_different_webhooks_with_one_id_at_once_one_stays_and_the_others_conflict()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 30).Select(i => _ingest.PostAsync(IngestService.Body("txn_race", $"{i}"))));

        var winner = Assert.Single(Enumerable.Range(1, 30).Zip(answers), pair => pair.Second.Status == 202);
        Assert.All(answers.Where(answer => answer != winner.Second), answer => answer.IsProblem(409, "transaction_conflict"));
        Assert.Equal(winner.First, await _ingest.Database.ReadAsync<decimal>("SELECT amount FROM transactions WHERE transaction_id = 'txn_race'"));
    }

    [Theory]
    [InlineData("1500", "1500.00"), InlineData("1500", "\"1500.00\""), InlineData("\"1500.0\"", "1.5e3"), InlineData("\"001500\"", "1500")]
    public async Task The_same_amount_written_otherwise_is_the_same_content(string first, string second)
    {
        var id = $"txn_same_{first.Length}_{second.Length}";
        (await _ingest.PostAsync(IngestService.Body(id, first))).IsAccepted(id);
        (await _ingest.PostAsync(IngestService.Body(id, second, "inr"))).IsAccepted(id, duplicate: true);
    }

    [Theory]
    [InlineData("1500.01", "INR", "acc_user_789"), InlineData("1500", "USD", "acc_user_789"), InlineData("1500", "INR", "acc_user_78")]
    public async Task Other_content_under_the_same_id_is_409_and_the_first_stays(string amount, string currency, string source)
    {
        var id = $"txn_conflict_{amount}_{currency}_{source}";
        (await _ingest.PostAsync(IngestService.Body(id))).IsAccepted(id);

        var problem = (await _ingest.PostAsync(IngestService.Body(id, amount, currency, source))).IsProblem(409, "transaction_conflict");

        Assert.Contains(id, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        (await _ingest.PostAsync(IngestService.Body(id))).IsAccepted(id, duplicate: true);
    }

    [Fact]
    public async Task A_webhook_that_comes_again_after_its_outcome_changes_nothing()
    {
        (await _ingest.PostAsync(IngestService.Body("txn_done"))).IsAccepted("txn_done");
        await _ingest.Database.ExecuteAsync("UPDATE transactions SET status = 'PROCESSED', processed_at = now() WHERE transaction_id = 'txn_done'");

        (await _ingest.PostAsync(IngestService.Body("txn_done"))).IsAccepted("txn_done", duplicate: true);

        Assert.Equal("PROCESSED", await _ingest.Database.ReadAsync<string>("SELECT status FROM transactions WHERE transaction_id = 'txn_done'"));
    }
}
