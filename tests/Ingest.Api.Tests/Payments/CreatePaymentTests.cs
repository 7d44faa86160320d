using System.Text;
using System.Text.Json;
using Contracts;
using Data.Ledger;

namespace Ingest.Api.Tests.Payments;

[Trait("Kafka", "yes")]
public sealed class CreatePaymentTests(PaymentService payments) : IClassFixture<PaymentService>
{
    [Fact]
    public async Task A_deposit_is_a_pending_row_and_a_record_keyed_by_its_user()
    {
        var user = await payments.AddUserAsync();

        var answer = await payments.DepositAsync(user, """{"amount":250.00,"currency":"usd","description":"Rent ü"}""");

        Assert.Equal(202, answer.Status);
        var payment = answer.Json;
        var id = payment.GetProperty("id").GetInt64();
        Assert.Equal($"/api/v1/deposits/{id}", answer.Headers["Location"]);
        Assert.Equal(
            $$"""{"id":{{id}},"user_id":{{user.Id}},"type":"deposit","status":"pending","amount":"250.00","currency":"USD","bank_reference":null"""
            + ""","error_message":null,"description":"Rent ü","created_at":""",
            answer.Body[..answer.Body.IndexOf("\"created_at\":", StringComparison.Ordinal)] + "\"created_at\":");
        Assert.Equal(payment.GetProperty("created_at").GetDateTime(), payment.GetProperty("updated_at").GetDateTime());
        Assert.Equal(JsonValueKind.Null, payment.GetProperty("processed_at").ValueKind);
        Assert.Equal("0 0", await payments.AccountAsync(user));

        var record = Assert.Single(await Records.ReadAsync(payments.Broker, $"{user.Id}", Topics.Payments));
        Assert.Equal($$"""{"payment_id":{{id}},"user_id":{{user.Id}}}""", Encoding.UTF8.GetString(record.Value));
        Assert.Equal(EventTypes.PaymentDue, record.Header(MessageHeaders.EventType));
    }

    [Fact]
    public async Task A_withdrawal_holds_its_money_until_it_is_settled()
    {
        var user = await payments.AddUserAsync(balance: 100);

        var answer = await payments.WithdrawAsync(user, """{"amount":"60.5"}""");

        Assert.Equal((202, "60.50", "withdrawal"), (answer.Status, answer.Json.GetProperty("amount").GetString(), answer.Json.GetProperty("type").GetString()));
        Assert.Equal($"/api/v1/withdrawals/{answer.Json.GetProperty("id").GetInt64()}", answer.Headers["Location"]);
        Assert.Equal("100 60.5", await payments.AccountAsync(user));
    }

    [Fact]
    public async Task A_withdrawal_that_available_funds_do_not_cover_holds_nothing_and_leaves_no_payment()
    {
        var user = await payments.AddUserAsync(balance: 100);
        Assert.Equal(202, (await payments.WithdrawAsync(user, """{"amount":60}""")).Status);

        var problem = (await payments.WithdrawAsync(user, """{"amount":40.01}""")).IsProblem(400, "insufficient_balance");

        Assert.Equal(("40.00", "40.01"), (problem.GetProperty("available").GetString(), problem.GetProperty("required").GetString()));
        Assert.Equal("100 60", await payments.AccountAsync(user));
        Assert.Equal(1, await payments.CountAsync(user));
        Assert.Equal(202, (await payments.WithdrawAsync(user, """{"amount":40}""")).Status);
    }

    [Fact]
    public async Task A_deposit_above_the_largest_balance_is_refused_at_the_door_and_one_up_to_it_is_not()
    {
        var user = await payments.AddUserAsync(balance: 1);
        await payments.Ingest.Database.ExecuteAsync($"UPDATE accounts SET balance = {Money.MaxBalance} - 10 WHERE id = {user.Account}");

        (await payments.DepositAsync(user, """{"amount":10.01}""")).IsProblem(422, "balance_limit_exceeded");

        Assert.Equal(0, await payments.CountAsync(user));
        Assert.Equal(202, (await payments.DepositAsync(user, """{"amount":10}""")).Status);
    }

    [Fact]
    public async Task Withdrawals_at_once_never_hold_more_than_there_is()
    {
        var user = await payments.AddUserAsync(balance: 100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => payments.WithdrawAsync(user, """{"amount":10}""")));

        Assert.Equal((10, 10), (answers.Count(a => a.Status == 202), answers.Count(a => a.Status == 400)));
        Assert.Equal("100 100", await payments.AccountAsync(user));
    }

    [Theory]
    [InlineData("{}", "amount")]
    [InlineData("""{"amount":0}""", "amount")]
    [InlineData("""{"amount":-5}""", "amount")]
    [InlineData("""{"amount":"abc"}""", "amount")]
    [InlineData("""{"amount":"\ud800"}""", "amount")]
    [InlineData("""{"amount":null}""", "amount")]
    [InlineData("""{"amount":[1]}""", "amount")]
    [InlineData("""{"amount":1.001}""", "amount")]
    [InlineData("""{"amount":1e999999999}""", "amount")]
    [InlineData("""{"amount":1e-999999999}""", "amount")]
    [InlineData("""{"amount":1,"currency":"XYZ"}""", "currency")]
    [InlineData("""{"amount":1,"currency":"EUR"}""", "currency")]
    [InlineData("""{"amount":1,"currency":5}""", "currency")]
    [InlineData("""{"amount":1,"description":5}""", "description")]
    [InlineData("""{"amount":1,"amount":1}""", "amount")]
    [InlineData("""{"amount":1,"note":1,"note":2}""", "note")]
    public async Task What_is_not_acceptable_is_named_and_leaves_the_key_free(string body, string field)
    {
        var user = await payments.AddUserAsync();
        var key = payments.NewKey();

        var problem = (await payments.DepositAsync(user, body, key)).IsProblem(422, "validation_failed");

        Assert.Equal(field, Assert.Single(problem.GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal(0, await payments.CountAsync(user));
        Assert.Equal(202, (await payments.DepositAsync(user, """{"amount":1}""", key)).Status);
    }

    [Fact]
    public async Task A_description_is_made_fit_to_be_stored()
    {
        var answer = await payments.DepositAsync(await payments.AddUserAsync(), """{"amount":1,"description":"a\u0000b\ud800"}""");

        Assert.Equal((202, "ab\ufffd"), (answer.Status, answer.Json.GetProperty("description").GetString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("nonsense")]
    public async Task What_cannot_be_read_is_a_400(string body) =>
        (await payments.DepositAsync(await payments.AddUserAsync(), body)).IsProblem(400, "invalid_json");

    [Fact]
    public async Task An_amount_has_the_decimals_of_the_accounts_currency()
    {
        var yen = await payments.AddUserAsync(currency: "JPY");
        (await payments.DepositAsync(yen, """{"amount":1.5}""")).IsProblem(422, "validation_failed");
        Assert.Equal("1500", (await payments.DepositAsync(yen, """{"amount":1500}""")).Json.GetProperty("amount").GetString());
    }

    [Fact]
    public async Task Nobody_moves_money_without_a_users_credential()
    {
        var nobody = new TestUser(0, 0, "ak_of_nobody");
        (await payments.DepositAsync(nobody, """{"amount":1}""")).IsProblem(401, "unauthorized");
        (await payments.WithdrawAsync(nobody, """{"amount":1}""")).IsProblem(401, "unauthorized");
    }
}
