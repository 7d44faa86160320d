using System.Globalization;
using System.Text;

namespace Ingest.Api.Tests.Payments;

/// <summary>Dead letters of payments that were given up.</summary>
[Trait("Kafka", "yes")]
public sealed class RedrivePaymentTests(PaymentService payments) : IClassFixture<PaymentService>
{
    [Fact]
    public async Task Redriving_a_payment_that_was_given_up_opens_it_again_and_deletes_the_letter()
    {
        var user = await payments.AddUserAsync(balance: 100);
        var (id, letter) = await GiveUpAsync(user, await payments.WithdrawAsync(user, """{"amount":30}"""));
        Assert.Equal("100 0", await payments.AccountAsync(user));

        var answer = await RedriveAsync(letter);

        Assert.Equal((200, $$"""{"id":{{letter}},"topic":"payments","status":"redriven"}"""), (answer.Status, answer.Body));
        Assert.Equal(("processing", "100 30"), (await payments.StatusAsync(id), await payments.AccountAsync(user)));
        Assert.True(await payments.Ingest.Database.ReadAsync<bool>($"SELECT next_publish_at <= now() FROM payments WHERE id = {id}"));
        Assert.False(await IsThereAsync(letter));
    }

    [Fact]
    public async Task A_withdrawal_that_the_balance_no_longer_covers_is_refused_and_the_letter_stays()
    {
        var user = await payments.AddUserAsync(balance: 100);
        var (id, letter) = await GiveUpAsync(user, await payments.WithdrawAsync(user, """{"amount":60}"""));
        Assert.Equal(202, (await payments.WithdrawAsync(user, """{"amount":50}""")).Status);

        (await RedriveAsync(letter)).IsProblem(409, "insufficient_balance");

        Assert.Equal(("failed", "100 50"), (await payments.StatusAsync(id), await payments.AccountAsync(user)));
        Assert.True(await IsThereAsync(letter));
    }

    [Fact]
    public async Task A_payment_that_is_not_given_up_is_refused_and_the_letter_stays()
    {
        var user = await payments.AddUserAsync();
        var id = (await payments.DepositAsync(user, """{"amount":10}""")).Json.GetProperty("id").GetInt64();
        var letter = await AddLetterAsync(user, id);

        (await RedriveAsync(letter)).IsProblem(409, "payment_not_given_up");
        Assert.Equal(200, (await payments.CallBackAsync($"\"transaction_id\":{id},\"status\":\"failed\"")).Status);
        (await RedriveAsync(letter)).IsProblem(409, "payment_not_given_up");

        Assert.True(await IsThereAsync(letter));
    }

    [Fact]
    public async Task An_unknown_payment_is_refused_and_the_letter_stays()
    {
        var letter = await AddLetterAsync(await payments.AddUserAsync(), long.MaxValue);

        (await RedriveAsync(letter)).IsProblem(409, "unknown_payment");

        Assert.True(await IsThereAsync(letter));
    }

    [Fact]
    public async Task In_bulk_those_that_can_be_opened_are_and_the_others_are_counted_as_refused()
    {
        await payments.Ingest.Database.ExecuteAsync("DELETE FROM dead_letters");
        var user = await payments.AddUserAsync(balance: 100);
        var (first, _) = await GiveUpAsync(user, await payments.WithdrawAsync(user, """{"amount":60}"""));
        var (second, refused) = await GiveUpAsync(user, await payments.WithdrawAsync(user, """{"amount":50}"""));
        var (third, _) = await GiveUpAsync(user, await payments.DepositAsync(user, """{"amount":5}"""));

        var answer = await DeadLetterService.SendAsync(
            payments.Ingest, HttpMethod.Post, "/admin/dead-letters/redrive", """{"topic":"payments","reason":"given_up"}""");

        Assert.Equal("""{"redriven":2,"skipped":0,"refused":1,"dry_run":false,"has_more":false}""", answer.Body);
        Assert.Equal(
            ("processing", "failed", "processing"),
            (await payments.StatusAsync(first), await payments.StatusAsync(second), await payments.StatusAsync(third)));
        Assert.Equal("100 60", await payments.AccountAsync(user));
        Assert.True(await IsThereAsync(refused));
    }

    private Task<Answer> RedriveAsync(long letter) => DeadLetterService.SendAsync(payments.Ingest, HttpMethod.Post, $"/admin/dead-letters/{letter}/redrive");

    private Task<bool> IsThereAsync(long letter) => payments.Ingest.Database.ReadAsync<bool>($"SELECT EXISTS (SELECT FROM dead_letters WHERE id = {letter})");

    private Task<long> AddLetterAsync(TestUser user, long payment) => DeadLetterService.AddAsync(
        payments.Ingest.Database, Encoding.UTF8.GetBytes(user.Id.ToString(CultureInfo.InvariantCulture)),
        Encoding.UTF8.GetBytes($$"""{"payment_id":{{payment}},"user_id":{{user.Id}}}"""), "given_up", "payments");

    /// <summary>
    /// What the worker leaves behind when the bank has not taken a payment: the row failed as given up, its hold released, and a dead letter.
    /// </summary>
    private async Task<(long Payment, long Letter)> GiveUpAsync(TestUser user, Answer created)
    {
        var id = created.Json.GetProperty("id").GetInt64();
        Assert.Equal(200, (await payments.CallBackAsync($"\"transaction_id\":{id},\"status\":\"failed\"")).Status);
        await payments.Ingest.Database.ExecuteAsync($"UPDATE payments SET is_given_up = true WHERE id = {id}");
        return (id, await AddLetterAsync(user, id));
    }
}
