namespace Ingest.Api.Tests.Payments;

[Trait("Kafka", "yes")]
public sealed class BankCallbackTests(PaymentService payments) : IClassFixture<PaymentService>
{
    [Fact]
    public async Task A_successful_deposit_is_posted_once_however_often_it_is_told()
    {
        var user = await payments.AddUserAsync(balance: 5);
        var id = await DepositAsync(user, 10);

        var first = await payments.CallBackAsync(Success(id));
        var second = await payments.CallBackAsync(Success(id));

        Assert.Equal((200, id), (first.Status, first.Json.GetProperty("transaction_id").GetInt64()));
        Assert.Equal(200, second.Status);
        Assert.Equal(("success", "15 0"), (await payments.StatusAsync(id), await payments.AccountAsync(user)));
        Assert.Equal(1, await payments.Ingest.Database.ReadAsync<long>($"SELECT count(*) FROM transfers WHERE reference = 'payment:{id}'"));
        Assert.Equal(
            "BANK-REF-1",
            await payments.Ingest.Database.ReadAsync<string>($"SELECT bank_reference FROM payments WHERE id = {id} AND processed_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_successful_withdrawal_takes_what_was_held()
    {
        var user = await payments.AddUserAsync(balance: 100);
        var id = await WithdrawAsync(user, 30);

        Assert.Equal(200, (await payments.CallBackAsync(Success(id))).Status);

        Assert.Equal("70 0", await payments.AccountAsync(user));
    }

    [Fact]
    public async Task A_failed_withdrawal_gives_its_hold_back_and_says_why()
    {
        var user = await payments.AddUserAsync(balance: 100);
        var id = await WithdrawAsync(user, 30);

        Assert.Equal(200, (await payments.CallBackAsync($"\"transaction_id\":{id},\"status\":\"failed\",\"error_message\":\"Account closed\"")).Status);

        Assert.Equal(("failed", "100 0"), (await payments.StatusAsync(id), await payments.AccountAsync(user)));
        Assert.Equal("Account closed", await payments.Ingest.Database.ReadAsync<string>($"SELECT error_message FROM payments WHERE id = {id}"));
    }

    [Theory]
    [InlineData("success", "failed", "15 0")]
    [InlineData("failed", "success", "5 0")]
    public async Task The_other_result_for_a_settled_payment_changes_nothing(string first, string second, string account)
    {
        var user = await payments.AddUserAsync(balance: 5);
        var id = await DepositAsync(user, 10);
        Assert.Equal(200, (await payments.CallBackAsync($"\"transaction_id\":{id},\"status\":\"{first}\"")).Status);

        (await payments.CallBackAsync($"\"transaction_id\":{id},\"status\":\"{second}\"")).IsProblem(409, "already_settled");

        Assert.Equal((first, account), (await payments.StatusAsync(id), await payments.AccountAsync(user)));
    }

    [Fact]
    public async Task A_payment_whose_balance_the_ledger_cannot_store_is_failed_and_never_stuck()
    {
        var user = await payments.AddUserAsync(balance: 5);
        var id = await DepositAsync(user, 10);
        await payments.Ingest.Database.ExecuteAsync($"UPDATE accounts SET balance = 999999999999999999999999 WHERE id = {user.Account}");

        (await payments.CallBackAsync(Success(id))).IsProblem(409, "balance_out_of_range");

        Assert.Equal(("failed", "999999999999999999999999 0"), (await payments.StatusAsync(id), await payments.AccountAsync(user)));
        (await payments.CallBackAsync(Success(id))).IsProblem(409, "already_settled");
    }

    [Fact]
    public async Task Both_results_at_once_settle_it_once()
    {
        var user = await payments.AddUserAsync();
        var id = await DepositAsync(user, 10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(n => payments.CallBackAsync($"\"transaction_id\":{id},\"status\":\"{(n % 2 == 0 ? "success" : "failed")}\"")));

        Assert.Equal((10, 10), (answers.Count(a => a.Status == 200), answers.Count(a => a.Status == 409)));
        Assert.Equal(await payments.StatusAsync(id) == "success" ? "10 0" : "0 0", await payments.AccountAsync(user));
    }

    [Fact]
    public async Task Callbacks_that_wait_for_each_other_are_settled_together_and_what_the_ledger_refuses_fails_alone()
    {
        var (first, second) = (await payments.AddUserAsync(balance: 100), await payments.AddUserAsync());
        long[] blocked = [await DepositAsync(first, 1), await DepositAsync(first, 1)];
        var (deposit, failed) = (await DepositAsync(second, 10), await WithdrawAsync(first, 20));
        var tampered = await WithdrawAsync(first, 30);
        await payments.Ingest.Database.ExecuteAsync($"DELETE FROM holds WHERE reference = 'payment:{tampered}'");
        await using var connection = await payments.ConnectAsync();
        await using var locking = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await PaymentService.ExecuteAsync(connection, $"SELECT FROM payments WHERE id = ANY ('{{{string.Join(',', blocked)}}}') FOR UPDATE");

        // Each of these two batches waits for the lock, and the others wait behind them.
        var waiting = new List<Task<Answer>>();
        foreach (var id in blocked)
        {
            waiting.Add(payments.CallBackAsync(Success(id)));
            await payments.Ingest.Database.WaitForBlockedAsync(waiting.Count);
        }

        Task<Answer>[] others =
        [
            payments.CallBackAsync(Success(deposit)), payments.CallBackAsync(Success(tampered)),
            payments.CallBackAsync($"\"transaction_id\":{failed},\"status\":\"failed\""),
        ];
        await locking.RollbackAsync(TestContext.Current.CancellationToken);

        Assert.Equal([200, 200], (await Task.WhenAll(waiting)).Select(answer => answer.Status));
        Assert.Equal([200, 500, 200], (await Task.WhenAll(others)).Select(answer => answer.Status));
        Assert.Equal(
            ("success", "pending", "failed"),
            (await payments.StatusAsync(deposit), await payments.StatusAsync(tampered), await payments.StatusAsync(failed)));
        Assert.Equal(("102 30", "10 0"), (await payments.AccountAsync(first), await payments.AccountAsync(second)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_callback_without_a_valid_signature_changes_nothing(string signature)
    {
        var user = await payments.AddUserAsync();
        var id = await DepositAsync(user, 10);

        (await payments.CallBackAsync(Success(id), signature)).IsProblem(401, "invalid_signature");

        Assert.Equal("pending", await payments.StatusAsync(id));
    }

    [Fact]
    public async Task An_unknown_payment_is_not_found() => (await payments.CallBackAsync(Success(long.MaxValue))).IsProblem(404, "not_found");

    [Theory]
    [InlineData("\"transaction_id\":\"1\",\"status\":\"success\"", "transaction_id")]
    [InlineData("\"transaction_id\":1.0,\"status\":\"success\"", "transaction_id")]
    [InlineData("\"transaction_id\":-1,\"status\":\"success\"", "transaction_id")]
    [InlineData("\"status\":\"success\"", "transaction_id")]
    [InlineData("\"transaction_id\":1", "status")]
    [InlineData("\"transaction_id\":1,\"status\":\"pending\"", "status")]
    [InlineData("\"transaction_id\":1,\"status\":[\"success\"]", "status")]
    [InlineData("\"transaction_id\":1,\"status\":\"success\",\"bank_reference\":7", "bank_reference")]
    [InlineData("\"transaction_id\":1,\"status\":\"failed\",\"error_message\":{\"code\":7}", "error_message")]
    [InlineData("\"transaction_id\":1,\"status\":\"success\",\"bank_reference\":\"a\\u0000\"", "bank_reference")]
    [InlineData("\"transaction_id\":1,\"status\":\"success\",\"bank_reference\":\"\\ud800\"", "bank_reference")]
    [InlineData("\"transaction_id\":1,\"status\":\"success\",\"status\":\"failed\"", "status")]
    [InlineData("\"transaction_id\":1,\"transaction_id\":2,\"status\":\"failed\"", "transaction_id")]
    [InlineData("\"transaction_id\":1,\"status\":\"failed\",\"details\":{\"a\":1,\"a\":1}", "a")]
    public async Task A_signed_member_that_is_not_acceptable_is_named(string members, string field)
    {
        var problem = (await payments.CallBackAsync(members)).IsProblem(422, "validation_failed");

        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
    }

    [Theory]
    [InlineData("a\\u0000b", "ab")]
    [InlineData("half \\ud83d", "half \ufffd")]
    [InlineData("$499\\ud83d\\ude00", "$499")]
    [InlineData("$499$499", "$499x")]
    public async Task A_reason_that_cannot_be_stored_as_it_is_settles_the_payment_nevertheless(string reason, string stored)
    {
        var user = await payments.AddUserAsync(balance: 100);
        var id = await WithdrawAsync(user, 30);

        Assert.Equal(200, (await payments.CallBackAsync($"\"transaction_id\":{id},\"status\":\"failed\",\"error_message\":\"{Long(reason)}\"")).Status);

        Assert.Equal(("failed", "100 0"), (await payments.StatusAsync(id), await payments.AccountAsync(user)));
        Assert.Equal(Long(stored), await payments.Ingest.Database.ReadAsync<string>($"SELECT error_message FROM payments WHERE id = {id}"));

        static string Long(string text) => text.Replace("$499", new string('x', 499), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"score\":NaN,\"limits\":[Infinity,-Infinity],\"text\":\"NaN \\\" Infinity\"")]
    [InlineData("\"\\ud800\":{\"deep\":[1.0,1e16,-0.0]},\"big\":123456789012345678901234567890")]
    public async Task Members_that_nobody_here_knows_are_signed_and_ignored_whatever_Python_writes_into_them(string extras)
    {
        var id = await DepositAsync(await payments.AddUserAsync(), 10);

        Assert.Equal(200, (await payments.CallBackAsync($"{extras},{Success(id)}")).Status);
    }

    private static string Success(long id) => $"\"transaction_id\":{id},\"bank_reference\":\"BANK-REF-1\",\"status\":\"success\",\"error_message\":null";

    private async Task<long> DepositAsync(TestUser user, int amount) =>
        (await payments.DepositAsync(user, $$"""{"amount":{{amount}}}""")).Json.GetProperty("id").GetInt64();

    private async Task<long> WithdrawAsync(TestUser user, int amount) =>
        (await payments.WithdrawAsync(user, $$"""{"amount":{{amount}}}""")).Json.GetProperty("id").GetInt64();
}
