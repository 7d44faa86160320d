namespace Sandbox.Tests;

/// <summary>What a bank promises whatever its mood.</summary>
public sealed class TransferTests
{
    [Theory, InlineData("deposit", "DEP"), InlineData("withdrawal", "WTH")]
    public async Task A_transfer_is_taken_on_carried_out_and_told_of_by_a_signed_callback(string type, string prefix)
    {
        await using var bank = await BankService.StartAsync("normal");

        var (status, taken) = await bank.PostAsync(123, type);
        Assert.Equal(202, status);
        Assert.Equal("pending", taken.GetProperty("status").GetString());
        var reference = taken.GetProperty("bank_reference").GetString()!;
        Assert.Matches($"^{prefix}-[0-9A-F]{{12}}$", reference);
        Assert.Equal(
            $$"""{"transaction_id":123,"bank_reference":"{{reference}}","status":"pending","error_message":null}""",
            (await bank.GetAsync(123)).Body.ToString());

        await bank.AdvanceAsync(BankService.LongEnough);
        var callback = await bank.Receiver.NextAsync();

        Assert.Equal("/webhooks/bank-callback", callback.Path);
        Assert.Equal("application/json", callback.ContentType);
        Assert.True(callback.IsSigned);
        Assert.Equal(
            ["bank_reference", "error_message", "signature", "status", "transaction_id"],
            callback.Body.EnumerateObject().Select(member => member.Name).Order());
        Assert.Equal(("123", reference, "success", ""),
            (callback.Text("transaction_id"), callback.Text("bank_reference"), callback.Text("status"), callback.Text("error_message")));
        Assert.Equal(
            $$"""{"transaction_id":123,"bank_reference":"{{reference}}","status":"success","error_message":null}""",
            (await bank.GetAsync(123)).Body.ToString());
    }

    [Fact]
    public async Task A_transfer_takes_between_two_and_ten_seconds()
    {
        await using var bank = await BankService.StartAsync("normal");
        for (var id = 1; id <= 20; id++) await bank.PostAsync(id);

        await bank.AdvanceAsync(TimeSpan.FromSeconds(2) - TimeSpan.FromMilliseconds(1), timers: 20);
        for (var id = 1; id <= 20; id++) Assert.Equal("pending", (await bank.GetAsync(id)).Body.GetProperty("status").GetString());
        bank.Clock.Advance(TimeSpan.FromSeconds(8) + TimeSpan.FromMilliseconds(1));
        for (var i = 0; i < 20; i++) await bank.Receiver.NextAsync();
    }

    [Fact]
    public async Task The_same_again_is_the_same_transfer_and_is_carried_out_once()
    {
        await using var bank = await BankService.StartAsync("normal");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => bank.PostAsync(5)));
        await bank.AdvanceAsync(BankService.LongEnough);
        await bank.Receiver.NextAsync();
        var (status, later) = await bank.PostAsync(5);

        Assert.All(answers, answer => Assert.Equal(202, answer.Status));
        var references = answers.Select(answer => answer.Body.GetProperty("bank_reference").GetString());
        Assert.Single(references.Append(later.GetProperty("bank_reference").GetString()).Distinct());
        Assert.Equal((202, "success"), (status, later.GetProperty("status").GetString()));
        bank.Clock.Advance(BankService.LongEnough);
        Assert.Equal(0, bank.Receiver.Unseen);
    }

    [Theory]
    [InlineData("deposit", "250.01", null), InlineData("withdrawal", "250.00", null), InlineData("deposit", "250.00", "another-key")]
    public async Task The_same_transaction_with_other_content_or_another_key_is_a_conflict(string type, string amount, string? key)
    {
        await using var bank = await BankService.StartAsync("normal");
        await bank.PostAsync(5);

        var (status, problem) = await bank.PostAsync(5, type, amount, key);

        Assert.Equal((409, "idempotency_conflict"), (status, problem.GetProperty("error").GetString()));
    }

    [Fact]
    public async Task A_transfer_that_nobody_sent_is_not_found()
    {
        await using var bank = await BankService.StartAsync("normal");
        Assert.Equal(404, (await bank.GetAsync(77)).Status);
    }

    [Fact]
    public async Task A_request_that_cannot_be_meant_is_refused_by_field()
    {
        await using var bank = await BankService.StartAsync("normal");

        Assert.Equal("idempotency_key_missing", (await bank.PostAsync(5, key: "")).Body.GetProperty("error").GetString());
        var (status, problem) = await bank.PostAsync(0, "gift", "-1", "key", "nowhere");

        Assert.Equal(422, status);
        Assert.Equal(["amount", "callback_url", "transaction_id", "type"], problem.GetProperty("errors").EnumerateObject().Select(field => field.Name).Order());
        Assert.Equal(404, (await bank.GetAsync(5)).Status);
    }

    [Fact]
    public async Task A_callback_that_is_not_answered_is_sent_again_and_given_up_after_five()
    {
        await using var bank = await BankService.StartAsync("normal");
        bank.Receiver.Answer(500, 404, 302, 503, 500);
        await bank.PostAsync(5);
        await bank.AdvanceAsync(BankService.LongEnough);

        foreach (var wait in new[] { 1, 2, 4, 8 })
        {
            await bank.Receiver.NextAsync();
            await bank.AdvanceAsync(TimeSpan.FromSeconds(wait));
        }

        await bank.Receiver.NextAsync();
        bank.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, bank.Receiver.Unseen);
    }

    [Fact]
    public async Task A_callback_that_is_answered_409_is_not_sent_again()
    {
        await using var bank = await BankService.StartAsync("normal");
        bank.Receiver.Answer(409);
        await bank.PostAsync(5);
        await bank.AdvanceAsync(BankService.LongEnough);
        await bank.Receiver.NextAsync();

        // Another transfer's callback comes after a minute, and nothing of the first before it.
        await bank.PostAsync(6);
        await bank.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("6", (await bank.Receiver.NextAsync()).Text("transaction_id"));
    }

    [Fact]
    public async Task A_transfer_says_where_its_callback_goes()
    {
        await using var bank = await BankService.StartAsync(("Bank:SuccessRate", "1"), ("Bank:CallbackUrl", "http://127.0.0.1:1"));

        await bank.PostAsync(5, callbackUrl: $"{bank.Receiver.Address}/elsewhere");
        await bank.AdvanceAsync(BankService.LongEnough);
        Assert.Equal("/elsewhere", (await bank.Receiver.NextAsync()).Path);
        await bank.PostAsync(6, callbackUrl: bank.Receiver.Address);
        await bank.AdvanceAsync(BankService.LongEnough);
        Assert.Equal("/webhooks/bank-callback", (await bank.Receiver.NextAsync()).Path);
    }
}
