using Npgsql;

namespace Ingest.Api.Tests.Payments;

[Trait("Kafka", "yes")]
public sealed class IdempotencyTests(PaymentService payments, Servers servers) : IClassFixture<PaymentService>
{
    private const string Body = """{"amount":10}""";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_key_nothing_is_done()
    {
        var user = await payments.AddUserAsync();

        (await payments.PostAsync("/api/v1/deposits", user, Body)).IsProblem(400, "idempotency_key_missing");

        Assert.Equal(0, await payments.CountAsync(user));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    public async Task A_key_that_is_none_is_refused(string key) =>
        (await payments.PostAsync("/api/v1/deposits", await payments.AddUserAsync(), Body, key)).IsProblem(400, "idempotency_key_malformed");

    [Fact]
    public async Task A_key_of_255_characters_is_taken_and_one_of_256_is_not()
    {
        var user = await payments.AddUserAsync();
        Assert.Equal(202, (await payments.DepositAsync(user, Body, new string('k', 255))).Status);
        (await payments.DepositAsync(user, Body, new string('k', 256))).IsProblem(400, "idempotency_key_malformed");
    }

    [Fact]
    public async Task Two_keys_are_none() =>
        (await payments.PostAsync("/api/v1/deposits", await payments.AddUserAsync(), Body, "one", "two")).IsProblem(400, "idempotency_key_malformed");

    [Fact]
    public async Task A_repeated_request_gets_the_same_answer_and_does_nothing_more()
    {
        var user = await payments.AddUserAsync();
        var first = await payments.DepositAsync(user, Body, "again");
        var second = await payments.DepositAsync(user, Body, "again");

        Assert.Equal((first.Status, first.Body, first.Headers["Location"], first.Headers["Content-Type"]), (second.Status, second.Body, second.Headers["Location"], second.Headers["Content-Type"]));
        Assert.False(first.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.Equal("true", second.Headers["Idempotency-Replayed"]);
        Assert.Equal(1, await payments.CountAsync(user));
    }

    [Fact]
    public async Task A_refusal_for_want_of_money_is_remembered_though_money_has_come()
    {
        var user = await payments.AddUserAsync();
        var first = await payments.WithdrawAsync(user, Body, "poor");
        first.IsProblem(400, "insufficient_balance");
        await payments.Ingest.Database.ExecuteAsync($"UPDATE accounts SET balance = 100 WHERE id = {user.Account}");

        var second = await payments.WithdrawAsync(user, Body, "poor");

        Assert.Equal((first.Status, first.Body), (second.Status, second.Body));
        Assert.Equal("true", second.Headers["Idempotency-Replayed"]);
        Assert.Equal("100 0", await payments.AccountAsync(user));
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_refused()
    {
        var user = await payments.AddUserAsync();
        await payments.DepositAsync(user, Body, "mismatch");

        (await payments.DepositAsync(user, """{"amount":11}""", "mismatch")).IsProblem(422, "idempotency_key_reused");

        Assert.Equal(1, await payments.CountAsync(user));
    }

    [Fact]
    public async Task Another_body_gets_the_stored_answer_where_that_is_set()
    {
        var user = await payments.AddUserAsync();
        var first = await payments.DepositAsync(user, Body, "replay");
        await using var lenient = Another(("Idempotency:OnMismatch", "Replay"));

        var second = await PaymentService.PostAsync(lenient, "/api/v1/deposits", user, """{"amount":11}""", "replay");

        Assert.Equal((202, first.Body), (second.Status, second.Body));
    }

    [Fact]
    public async Task A_key_is_its_users_and_its_paths_own()
    {
        var (one, other) = (await payments.AddUserAsync(balance: 50), await payments.AddUserAsync());
        Assert.Equal(202, (await payments.DepositAsync(one, Body, "shared")).Status);
        Assert.Equal(202, (await payments.DepositAsync(other, Body, "shared")).Status);
        Assert.Equal(202, (await payments.WithdrawAsync(one, Body, "shared")).Status);
    }

    [Fact]
    public async Task Fifty_at_once_are_one_payment_and_fifty_equal_answers()
    {
        var user = await payments.AddUserAsync(balance: 1000);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => payments.WithdrawAsync(user, Body, "fifty")));

        Assert.Single(answers.Select(answer => (answer.Status, answer.Body)).Distinct());
        Assert.Equal(202, answers[0].Status);
        Assert.Equal(49, answers.Count(answer => answer.Headers.ContainsKey("Idempotency-Replayed")));
        Assert.Equal("1000 10", await payments.AccountAsync(user));
    }

    [Fact]
    public async Task While_the_first_is_at_work_the_next_is_told_so_after_a_moment()
    {
        var user = await payments.AddUserAsync();
        await using var impatient = Another(("Idempotency:Patience", "00:00:01"));
        await using var connection = new NpgsqlConnection(payments.Ingest.Database.ConnectionString);
        await connection.OpenAsync(Cancelled);
        await using var transaction = await connection.BeginTransactionAsync(Cancelled);
        await using var claim = new NpgsqlCommand(
            $"INSERT INTO idempotency_keys (scope, key, request_hash, expires_at) VALUES ('user:{user.Id} POST /api/v1/deposits', 'busy', sha256(''), now() + interval '1 h')", connection);
        await claim.ExecuteNonQueryAsync(Cancelled);

        (await PaymentService.PostAsync(impatient, "/api/v1/deposits", user, Body, "busy")).IsProblem(409, "idempotency_key_in_use");

        // The first came to nothing, so its key is free.
        await transaction.RollbackAsync(Cancelled);
        Assert.Equal(202, (await payments.DepositAsync(user, Body, "busy")).Status);
    }

    [Fact]
    public async Task An_expired_key_is_free()
    {
        var user = await payments.AddUserAsync();
        await payments.DepositAsync(user, Body, "old");
        await payments.Ingest.Database.ExecuteAsync($"UPDATE idempotency_keys SET expires_at = now() WHERE scope LIKE 'user:{user.Id} %'");

        var answer = await payments.DepositAsync(user, """{"amount":11}""", "old");

        Assert.Equal((202, "11.00"), (answer.Status, answer.Json.GetProperty("amount").GetString()));
        Assert.Equal(2, await payments.CountAsync(user));
    }

    [Fact]
    public async Task What_was_not_committed_was_not_done_and_its_key_is_free()
    {
        var user = await payments.AddUserAsync(balance: 100);
        await payments.Ingest.Database.ExecuteAsync("ALTER TABLE idempotency_keys ADD CONSTRAINT no_answer CHECK (key <> 'crash' OR status = 0)");

        Assert.Equal(500, (await payments.WithdrawAsync(user, Body, "crash")).Status);

        Assert.Equal((0, "100 0"), (await payments.CountAsync(user), await payments.AccountAsync(user)));
        await payments.Ingest.Database.ExecuteAsync("ALTER TABLE idempotency_keys DROP CONSTRAINT no_answer");
        Assert.Equal(202, (await payments.WithdrawAsync(user, Body, "crash")).Status);
    }

    // A service on the same database that is told something else.
    private IngestService Another(params (string, string)[] settings) => IngestService.Start(
        new Database(payments.Ingest.Database.ConnectionString), payments.Ingest.Database.ConnectionString, servers.Broker, null, [("RateLimits:Enabled", "false"), .. settings]);
}
