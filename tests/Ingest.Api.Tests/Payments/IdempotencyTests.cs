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
    public async Task A_malformed_key_is_refused(string key) =>
        (await payments.PostAsync("/api/v1/deposits", await payments.AddUserAsync(), Body, key)).IsProblem(400, "idempotency_key_malformed");

    [Fact]
    public async Task A_key_of_255_characters_is_taken_and_one_of_256_is_not()
    {
        var user = await payments.AddUserAsync();
        Assert.Equal(202, (await payments.DepositAsync(user, Body, new string('k', 255))).Status);
        (await payments.DepositAsync(user, Body, new string('k', 256))).IsProblem(400, "idempotency_key_malformed");
    }

    [Fact]
    public async Task Two_keys_are_refused() =>
        (await payments.PostAsync("/api/v1/deposits", await payments.AddUserAsync(), Body, "one", "two")).IsProblem(400, "idempotency_key_malformed");

    [Fact]
    public async Task A_repeated_request_gets_the_same_answer_and_does_nothing_more()
    {
        var user = await payments.AddUserAsync();
        var first = await payments.DepositAsync(user, Body, "again");
        var second = await payments.DepositAsync(user, Body, "again");

        Assert.Equal(
            (first.Status, first.Body, first.Headers["Location"], first.Headers["Content-Type"]),
            (second.Status, second.Body, second.Headers["Location"], second.Headers["Content-Type"]));
        Assert.False(first.Headers.ContainsKey("Idempotency-Replayed"));
        Assert.Equal("true", second.Headers["Idempotency-Replayed"]);
        Assert.Equal(1, await payments.CountAsync(user));
    }

    [Fact]
    public async Task A_refusal_for_insufficient_balance_is_remembered_though_the_balance_has_grown()
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

    [Theory]
    [InlineData("""{ "amount" : 10.00 }""")]
    [InlineData("""{"amount":"10"}""")]
    [InlineData("""{"currency":"usd","amount":1e1}""")]
    [InlineData("""{"sent_at":"2026-01-15T10:30:00Z","description":null,"amount":10}""")]
    public async Task The_same_request_written_otherwise_is_the_same_request(string body)
    {
        var user = await payments.AddUserAsync();
        var first = await payments.DepositAsync(user, Body, "otherwise");

        var second = await payments.DepositAsync(user, body, "otherwise");

        Assert.Equal((202, first.Body, "true"), (second.Status, second.Body, second.Headers["Idempotency-Replayed"]));
        Assert.Equal(1, await payments.CountAsync(user));
    }

    [Fact]
    public async Task One_key_is_one_payment_however_the_path_is_written()
    {
        var user = await payments.AddUserAsync();

        var answers = new List<Answer>();
        foreach (var path in (string[])["/api/v1/deposits", "/api/v1/Deposits", "/api/v1/deposits/", "/API/v1/deposits"])
            answers.Add(await payments.PostAsync(path, user, Body, "path"));

        Assert.Single(answers.Select(answer => (answer.Status, answer.Body)).Distinct());
        Assert.Equal(1, await payments.CountAsync(user));
    }

    [Theory]
    [InlineData("/api/v1/deposits")]
    [InlineData("/api/v1/Deposits")]
    public async Task An_answer_that_an_earlier_version_stored_is_given_again(string path)
    {
        var user = await payments.AddUserAsync();
        await payments.Ingest.Database.ExecuteAsync(
            $$"""
            INSERT INTO idempotency_keys (scope, key, request_hash, status, content_type, body, expires_at)
            VALUES ('user:{{user.Id}} POST {{path}}', 'earlier', sha256('{{Body}}'), 202, 'application/json', '{"id":7}', now() + interval '1 h')
            """);

        var answer = await payments.PostAsync(path, user, Body, "earlier");

        Assert.Equal((202, """{"id":7}""", "true"), (answer.Status, answer.Body, answer.Headers["Idempotency-Replayed"]));
        (await payments.PostAsync(path, user, """{"amount":11}""", "earlier")).IsProblem(422, "idempotency_key_reused");
        Assert.Equal(0, await payments.CountAsync(user));
    }

    [Fact]
    public async Task A_callers_slow_key_holds_no_more_than_their_share_and_others_go_on()
    {
        var (slow, other) = (await payments.AddUserAsync(), await payments.AddUserAsync());
        await using var narrow = Another(
            ("Idempotency:MaxConcurrency", "3"), ("Idempotency:MaxPerCaller", "2"),
            ("Idempotency:PlaceTimeout", "00:00:00.1"), ("Idempotency:Patience", "00:00:30"));
        await using var held = await HoldKeyAsync(slow, "slow");
        Task<Answer>[] waiting = [PostAsync(slow, "slow"), PostAsync(slow, "slow")];
        await payments.Ingest.Database.WaitForBlockedAsync(2);

        (await PostAsync(slow, "another")).IsUnavailable();
        Assert.Equal(202, (await PostAsync(other, "quick")).Status);

        await held.DisposeAsync();
        foreach (var answer in waiting) Assert.Equal(202, (await answer).Status);
        Assert.Equal(1, await payments.CountAsync(slow));

        Task<Answer> PostAsync(TestUser user, string key) => PaymentService.PostAsync(narrow, "/api/v1/deposits", user, Body, key);
    }

    [Fact]
    public async Task A_commit_that_broke_off_says_that_its_outcome_is_not_known_and_the_repeat_tells()
    {
        var user = await payments.AddUserAsync(balance: 100);
        await payments.Ingest.Database.ExecuteAsync(
            """
            CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER break_off AFTER UPDATE ON idempotency_keys DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (new.key = 'broken') EXECUTE FUNCTION break_off();
            """);

        var problem = (await payments.WithdrawAsync(user, Body, "broken")).IsProblem(503, "outcome_unknown");

        Assert.Contains("same Idempotency-Key", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.True(problem.GetProperty("retry_after").GetInt32() > 0);
        await payments.Ingest.Database.ExecuteAsync("DROP TRIGGER break_off ON idempotency_keys; DROP FUNCTION break_off");
        Assert.Equal(202, (await payments.WithdrawAsync(user, Body, "broken")).Status);
        Assert.Equal((1, "100 10"), (await payments.CountAsync(user), await payments.AccountAsync(user)));
    }

    [Fact]
    public async Task A_key_is_its_users_and_its_endpoints_own()
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
    public async Task While_the_first_is_at_work_the_next_is_answered_409_after_a_moment()
    {
        var user = await payments.AddUserAsync();
        await using var impatient = Another(("Idempotency:Patience", "00:00:01"));
        await using var held = await HoldKeyAsync(user, "busy");

        (await PaymentService.PostAsync(impatient, "/api/v1/deposits", user, Body, "busy")).IsProblem(409, "idempotency_key_in_use");

        // The first is rolled back, so its key is free.
        await held.DisposeAsync();
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

    /// <summary>A transaction that has claimed the key, until it is disposed of.</summary>
    private async Task<IAsyncDisposable> HoldKeyAsync(TestUser user, string key)
    {
        var connection = await payments.ConnectAsync();
        await PaymentService.ExecuteAsync(
            connection,
            $"""
            BEGIN;
            INSERT INTO idempotency_keys (scope, key, request_hash, expires_at)
            VALUES ('user:{user.Id} POST /api/v1/deposits', '{key}', sha256(''), now() + interval '1 h')
            """);
        return new Held(connection);
    }

    private sealed class Held(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (connection.State != System.Data.ConnectionState.Open) return;
            await PaymentService.ExecuteAsync(connection, "ROLLBACK");
            await connection.DisposeAsync();
        }
    }

    // A service on the same database with other settings.
    private IngestService Another(params (string, string)[] settings) => IngestService.Start(
        new Database(payments.Ingest.Database.ConnectionString), payments.Ingest.Database.ConnectionString, servers.Broker, null,
        [("RateLimits:Enabled", "false"), .. settings]);
}
