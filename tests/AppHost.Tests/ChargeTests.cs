using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Support;

namespace AppHost.Tests;

/// <summary>
/// The way that docs/charges.md and docs/installments.md show, at the front door: a customer's money from the wallet and a card, back, and in parts.
/// </summary>
public class ChargeTests(RunningSystem system)
{
    private readonly string _customer = $"cust_{Guid.NewGuid():N}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_charge_takes_the_wallet_first_and_a_card_for_the_rest_and_a_refund_gives_each_its_own_part_back()
    {
        await PostAsync("/wallets", new JsonObject { ["customer_id"] = _customer });
        await PostAsync($"/wallets/{_customer}/credit", new JsonObject { ["amount"] = 100 });
        var charge = await SettledAsync("/charges", await PostAsync("/charges", Charge(130, "pm_card_visa")));
        Assert.Equal(("succeeded", "mixed", 100m, 30m), (Text(charge, "status"), Text(charge, "payment_method"), Amount(charge, "wallet_amount"), Amount(charge,
            "external_amount")));

        await PostAsync($"/charges/{Text(charge, "id")}/refunds", new JsonObject { ["amount"] = 50 });
        await Eventually.TrueAsync(
            async _ => Amount(await GetAsync($"/charges/{Text(charge, "id")}"), "refunded_amount") == 50, Stop);
        var refund = (await GetAsync($"/charges/{Text(charge, "id")}/refunds"))[0];
        Assert.Equal((30m, 20m), (Amount(refund, "external_amount"), Amount(refund, "wallet_amount")));

        var declined = await SettledAsync("/charges", await PostAsync("/charges", Charge(25, "pm_card_chargeDeclined")));
        Assert.Equal(("failed", "card_declined"), (Text(declined, "status"), Text(declined, "failure_code")));
        Assert.Equal(
            [$"Refund for failed charge {Text(declined, "id")}", $"Partial payment for charge {Text(declined, "id")}",
                $"Refund for charge {Text(charge, "id")}",
             $"Partial payment for charge {Text(charge, "id")}", "Wallet credit"],
            (await GetAsync($"/wallets/{_customer}/ledger")).EnumerateArray().Select(line => Text(line, "description")));
        Assert.Equal(20m, Amount(await GetAsync($"/wallets/{_customer}"), "balance"));
    }

    [Fact(Timeout = 120_000)]
    public async Task Installments_are_paid_as_the_test_clock_goes_on_and_one_that_is_declined_is_tried_again()
    {
        var paid = await OrderAsync("pm_card_visa");
        var declined = await OrderAsync("pm_card_chargeDeclined");
        await PostAsync("/sandbox/clock", new JsonObject { ["advance"] = "32.00:00:00" });
        await UntilAsync(paid, "paid pending pending");
        await UntilAsync(declined, "overdue pending pending");
        await PostAsync("/sandbox/clock", new JsonObject { ["advance"] = "62.00:00:00" });
        await UntilAsync(paid, "paid paid paid");
        await Eventually.TrueAsync(async _ => (await GetAsync($"/installments/orders/{declined}/installments"))[0].GetProperty("attempts").GetInt32() >= 2,
            Stop);
        Assert.Equal("completed", Text(await GetAsync($"/installments/orders/{paid}"), "status"));
    }

    private async Task<string> OrderAsync(string card) => Text(
        await PostAsync("/installments/orders", new JsonObject
        {
            ["customer_id"] = _customer,
            ["amount"] = 90,
            ["installment_count"] = 3,
            ["stripe_payment_method"] = card,
        }),
        "id");

    private Task UntilAsync(string order, string states) => Eventually.TrueAsync(
        async _ => string.Join(' ', (await GetAsync($"/installments/orders/{order}/installments")).EnumerateArray().Select(one => Text(one,
            "status"))) == states,
        Stop);

    private JsonObject Charge(decimal amount, string card) =>
        new() { ["customer_id"] = _customer, ["amount"] = amount, ["stripe_payment_method"] = card };

    /// <summary>The resource once it is not pending: on a busy machine the answer may come before Stripe's.</summary>
    private async Task<JsonElement> SettledAsync(string path, JsonElement resource)
    {
        await Eventually.TrueAsync(async _ => Text(await GetAsync($"{path}/{Text(resource, "id")}"), "status") != "pending", Stop);
        return await GetAsync($"{path}/{Text(resource, "id")}");
    }

    private async Task<JsonElement> PostAsync(string path, JsonObject body)
    {
        using var response = await system.Client.PostAsJsonAsync(path, body, Stop);
        var text = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return JsonElement.Parse(text);
    }

    private async Task<JsonElement> GetAsync(string path) => JsonElement.Parse(await system.Client.GetStringAsync(path, Stop));

    private static string Text(JsonElement resource, string name) => resource.GetProperty(name).GetString()!;

    private static decimal Amount(JsonElement resource, string name) => resource.GetProperty(name).GetDecimal();
}
