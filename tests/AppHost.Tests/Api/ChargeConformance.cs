using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace AppHost.Tests.Api;

/// <summary>The part of <see cref="ConformanceTests"/> that walks wallets, charges, refunds and installments.</summary>
/// <param name="caller">Who compares.</param>
/// <param name="mark">Makes ids that no other run has.</param>
internal sealed class ChargeConformance(Caller caller, string mark)
{
    private const string Unknown = "019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f";

    // AppHost/appsettings.json's.
    private const string StripeSecret = "development-stripe-webhook-secret-change-me";

    private static readonly JsonNode?[] BadAmounts = [0, -1, "0", "abc", "1,5", 1000000000000000, true, null];

    private readonly string _customer = $"cust_{mark}";

    public async Task RunAsync()
    {
        await WalletsAsync();
        await ChargesAsync();
        await InstallmentsAsync();
        await WebhookAsync();
    }

    private async Task WalletsAsync()
    {
        await caller.CallAsync(200, "createWallet", body: new JsonObject { ["customer_id"] = _customer, ["currency"] = "usd" }, idempotencyKey: mark);
        await caller.CallAsync(200, "createWallet", body: new JsonObject { ["customer_id"] = _customer, ["currency"] = "usd" }, idempotencyKey: mark);
        await caller.CallAsync(200, "createWallet", body: new JsonObject { ["customer_id"] = $"{_customer}-2", ["currency"] = null });
        await caller.CallAsync(409, "createWallet", body: new JsonObject { ["customer_id"] = _customer });
        foreach (var id in (JsonNode?[])["", "a b", new string('x', 129), 7, null])
            await caller.CallAsync(422, "createWallet", body: new JsonObject { ["customer_id"] = id });
        await caller.CallWithUnreadableBodiesAsync("createWallet");

        await caller.CallAsync(200, "creditWallet", _customer, new JsonObject { ["amount"] = 100.5, ["description"] = "Café <&>" });
        await caller.CallAsync(200, "creditWallet", $"{_customer} ?amount=7.25&description=x");
        foreach (var amount in BadAmounts) await caller.CallAsync(422, "creditWallet", _customer, new JsonObject { ["amount"] = amount });
        await caller.CallAsync(404, "creditWallet", "nobody", new JsonObject { ["amount"] = 1 });
        await caller.CallWithUnreadableBodiesAsync("creditWallet", _customer);

        await caller.CallAsync(200, "getWallet", _customer);
        await caller.CallAsync(200, "getWallet", $"{_customer} ?at=2024-01-15T10:30:00Z");
        await caller.CallAsync(422, "getWallet", $"{_customer} ?at=yesterday");
        await caller.CallAsync(404, "getWallet", "nobody");
        await caller.CallAsync(200, "listWallets", "?limit=1");
        await caller.CallAsync(200, "getWalletLedger", $"{_customer} ?limit=1");
        await caller.CallAsync(404, "getWalletLedger", "nobody");
        await caller.CallAsync(422, "getWalletLedger", $"{_customer} ?limit=0");
        await RefusesAsync("listWallets");
    }

    private async Task ChargesAsync()
    {
        var wanted = new JsonObject
        {
            ["customer_id"] = _customer,
            ["amount"] = "130.00",
            ["currency"] = "usd",
            ["stripe_payment_method"] = "pm_card_visa",
            ["payment_method"] = null,
            ["installment_id"] = null,
            ["split_instructions"] = JsonNode.Parse("""[{"destination":"acct_1","percent":70},{"destination":"acct_2","percent":30}]"""),
            ["metadata"] = JsonNode.Parse("""{"order":{"id":1.50}}"""),
        };
        var charge = (await caller.CallAsync(200, "createCharge", body: wanted, idempotencyKey: mark)).Body!;
        await caller.CallAsync(200, "createCharge", body: wanted.DeepClone(), idempotencyKey: mark);
        await caller.CallAsync(200, "createCharge", body: Charge("amount", 1));
        foreach (var amount in BadAmounts) await caller.CallAsync(422, "createCharge", body: Charge("amount", amount));
        foreach (var (name, value) in ((string, JsonNode?)[])[("customer_id", "a b"), ("currency", "US"), ("payment_method", "cash"), ("stripe_customer",
            "a b"),
            ("stripe_payment_method", 7), ("metadata", 7), ("split_instructions", "all")])
            await caller.CallAsync(422, "createCharge", body: Charge(name, value));
        await caller.CallWithUnreadableBodiesAsync("createCharge");

        var id = charge["id"]!.GetValue<string>();
        await caller.CallAsync(200, "getCharge", id);
        await caller.CallAsync(404, "getCharge", Unknown);
        await caller.CallAsync(404, "getCharge", "7");
        await caller.CallAsync(200, "listCharges", $"?customer_id={_customer}&limit=1");
        await RefusesAsync("listCharges", "?status=done", "?customer_id=a%20b", "?installment_order_id=7");

        await caller.CallAsync(200, "createRefund", id, new JsonObject { ["amount"] = 0.5, ["reason"] = "x" });
        foreach (var amount in BadAmounts[..^1]) await caller.CallAsync(422, "createRefund", id, new JsonObject { ["amount"] = amount?.DeepClone() });
        await caller.CallAsync(404, "createRefund", Unknown, new JsonObject());
        await caller.CallWithUnreadableBodiesAsync("createRefund", id);
        await caller.CallAsync(200, "listRefunds", id);
        await caller.CallAsync(404, "listRefunds", Unknown);
        await caller.CallAsync(422, "listRefunds", $"{id} ?limit=0");
    }

    private async Task InstallmentsAsync()
    {
        var wanted = new JsonObject
        {
            ["customer_id"] = _customer,
            ["amount"] = 3,
            ["installment_count"] = 3,
            ["interval"] = "month",
            ["time_zone"] = "Europe/Berlin",
            ["first_due_date"] = "2099-01-31",
            ["activate"] = false,
            ["dunning"] = new JsonArray(1, 2),
        };
        var order = (await caller.CallAsync(200, "createInstallmentOrder", body: wanted, idempotencyKey: mark)).Body!;
        await caller.CallAsync(200, "createInstallmentOrder", body: new JsonObject
        {
            ["customer_id"] = _customer,
            ["amount"] = 3,
            ["schedule"] = JsonNode.Parse("""[{"due_date":"2099-01-31","amount":1},{"due_date":"2099-03-31T10:00:00Z","amount":"2.00"}]"""),
        });
        foreach (var amount in BadAmounts) await caller.CallAsync(422, "createInstallmentOrder", body: Order("amount", amount));
        foreach (var (name, value) in ((string, JsonNode?)[])[("installment_count", 0), ("installment_count", 25), ("interval", "year"), ("activate", "yes")])
            await caller.CallAsync(422, "createInstallmentOrder", body: Order(name, value));
        await caller.CallWithUnreadableBodiesAsync("createInstallmentOrder");

        var (id, first) = (order["id"]!.GetValue<string>(), order["installments"]![0]!["id"]!.GetValue<string>());
        await caller.CallAsync(422, "processInstallment", first);
        foreach (var change in (string[])["activateInstallmentOrder", "cancelInstallmentOrder"])
        {
            await caller.CallAsync(200, change, id);
            await caller.CallAsync(200, change, id);
            await caller.CallAsync(404, change, Unknown);
            await caller.CallWithUnreadableBodiesAsync(change, id);
            if (change[0] == 'a') await caller.CallAsync(200, "processInstallment", first);
        }

        await caller.CallAsync(422, "activateInstallmentOrder", id);
        await caller.CallAsync(200, "creditWallet", _customer, new JsonObject { ["amount"] = 2 });
        var done = (await caller.CallAsync(200, "createInstallmentOrder", body: Order("installment_count", 1))).Body!;
        await caller.CallAsync(200, "processInstallment", done["installments"]![0]!["id"]!.GetValue<string>());
        await caller.CallAsync(422, "cancelInstallmentOrder", done["id"]!.GetValue<string>());
        await caller.CallAsync(404, "processInstallment", Unknown);
        await caller.CallWithUnreadableBodiesAsync("processInstallment", first);

        await caller.CallAsync(200, "getInstallmentOrder", id);
        await caller.CallAsync(404, "getInstallmentOrder", Unknown);
        await caller.CallAsync(200, "listInstallments", id);
        await caller.CallAsync(404, "listInstallments", Unknown);
        await caller.CallAsync(422, "listInstallments", $"{id} ?skip=-1");
        await caller.CallAsync(200, "listInstallmentOrders", $"?customer_id={_customer}&limit=1");
        await RefusesAsync("listInstallmentOrders", "?status=done");
        await caller.CallAsync(200, "listDueInstallments");
        await RefusesAsync("listDueInstallments");
    }

    private async Task WebhookAsync()
    {
        var taken = JsonNode.Parse("""{"type":"payment_intent.succeeded","data":{"object":{"id":"pi_1"}}}""")!;
        await caller.CallAsync(401, "reportStripeResult", body: taken);
        await caller.CallAsync(200, "reportStripeResult", body: taken.DeepClone(), signature: Sign(taken.ToJsonString()));
        await caller.CallWithUnreadableBodiesAsync("reportStripeResult", signature: Sign("{\"half\":"));
    }

    private async Task RefusesAsync(string list, params string[] queries)
    {
        foreach (var query in (string[])["?limit=0", "?limit=201", "?skip=-1", "?cursor=x", .. queries]) await caller.CallAsync(422, list, query);
    }

    private JsonObject Charge(string name, JsonNode? value) => new(
        new JsonObject { ["customer_id"] = _customer, ["amount"] = 1 }.Where(member => member.Key != name)
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())).Append(KeyValuePair.Create(name, value?.DeepClone())));

    private JsonObject Order(string name, JsonNode? value) => new(
        new JsonObject { ["customer_id"] = _customer, ["amount"] = 2, ["installment_count"] = 2, ["first_due_date"] = "2099-01-31" }
            .Where(member => member.Key != name).Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))
            .Append(KeyValuePair.Create(name, value?.DeepClone())));

    private static string Sign(string body)
    {
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(StripeSecret), Encoding.UTF8.GetBytes($"{time}.{body}")))}";
    }
}
