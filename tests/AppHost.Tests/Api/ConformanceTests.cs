using System.Buffers;
using System.Text.Json.Nodes;
using Contracts;
using Support.Api;

namespace AppHost.Tests.Api;

/// <summary>
/// Every operation of the document, called at the front door: good requests, and bad ones of each kind. Status, headers and body are what the document says,
/// and bodies are taken or refused as their schemas do.
/// </summary>
public class ConformanceTests(RunningSystem system)
{
    /// <summary>AppHost/appsettings.json's.</summary>
    private const string AdminKey = "development-admin-key-change-me", CallbackSecret = "development-webhook-secret-change-me";

    private const string Nobody = "999999999999";

    /// <summary>
    /// What cannot be had from a system that is well, in Development and without ordinary keys: 503 (503s are made in each service's own tests), 429 where the
    /// limit is everybody's, 401 and 403 where only an ordinary key gets them, and 409 for two at once.
    /// </summary>
    private static readonly string[] NotHere =
    [
        "acceptTransaction 401", "activateInstallmentOrder 401", "activateInstallmentOrder 409", "cancelInstallmentOrder 401", "cancelInstallmentOrder 409",
        "changeWebhookEndpoint 401", "createCharge 401", "createCharge 409", "createDeposit 409", "createInstallmentOrder 401", "createInstallmentOrder 409",
        "createPortalLink 403", "createRefund 401", "createRefund 409", "createWallet 401", "createWebhookEndpoint 401", "createWebhookEndpoint 409",
        "createWithdrawal 409", "creditWallet 401", "creditWallet 409", "deleteWebhookEndpoint 401", "deleteWebhookEndpoint 403", "getCharge 401",
        "getDeposit 403", "getInstallmentOrder 401", "getTransaction 401", "getWallet 401", "getWalletLedger 401", "getWebhookDelivery 401",
        "getWebhookEndpoint 401", "getWebhookEndpointStats 401", "getWithdrawal 403", "listCharges 401", "listDeposits 403", "listDueInstallments 401",
        "listInstallmentOrders 401", "listInstallments 401", "listRefunds 401", "listTransactions 401", "listWallets 401", "listWebhookDeliveries 401",
        "listWebhookEndpoints 401", "listWebhookEventTypes 401", "listWithdrawals 403", "pollWebhookEvents 401", "processInstallment 401",
        "processInstallment 409", "replayWebhookEvents 401", "replayWebhookEvents 403", "retryWebhookDeliveries 401", "retryWebhookDeliveries 403",
        "retryWebhookDeliveries 409", "retryWebhookDelivery 401", "retryWebhookDelivery 409", "retryWebhookDelivery 422", "rotateKey 409",
        "rotateWebhookSecret 401", "rotateWebhookSecret 403", "rotateWebhookSecret 409", "rotateWebhookSecret 422", "testWebhookEndpoint 401",
        "testWebhookEndpoint 403",
    ];

    private static readonly string[] Limited = ["getBalance", "listUserTransactions"];

    private readonly string _mark = $"{Guid.NewGuid():N}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 180_000)]
    public async Task Every_operation_takes_and_answers_what_the_document_says()
    {
        var document = ApiDocument.Parse(await system.Client.GetStringAsync("/openapi.json", Stop));
        var caller = new Caller(system.Client, document, Stop);

        await TransactionsAsync(caller);
        var (user, key, other) = await UsersAsync(caller);
        await PaymentsAsync(caller, key);
        await AccountsAsync(caller, user, other, key);
        await new OperationsConformance(caller, _mark, AdminKey, key, system.Database).RunAsync();
        await new ChargeConformance(caller, _mark).RunAsync();
        await new WebhookConformance(caller, _mark, AdminKey).RunAsync();
        foreach (var probe in (string[])["getHome", "getHealth", "getLiveness", "getWorkerHealth"]) await caller.CallAsync(200, probe);

        Assert.True(caller.Differences.IsEmpty, string.Join('\n', caller.Differences));
        var missed = document.Operations.SelectMany(operation => operation.Responses.Select(response => $"{operation.Id} {response.Key}"))
            .Where(what => !what.EndsWith("503", StringComparison.Ordinal)
                && !(what.EndsWith("429", StringComparison.Ordinal) && !Limited.Contains(what[..^4])));
        Assert.Equal(NotHere, missed.Except(caller.Seen.Keys).Order(StringComparer.Ordinal));
    }

    private async Task TransactionsAsync(Caller caller)
    {
        var webhook = RunningSystem.Webhook(id: $"api_{_mark}");
        await caller.CallAsync(202, "acceptTransaction", body: webhook);
        await caller.CallAsync(202, "acceptTransaction", body: webhook.DeepClone());
        await caller.CallAsync(409, "acceptTransaction", body: RunningSystem.Webhook($"api_{_mark}", amount: "150.51"));
        await caller.CallAsync(202, "acceptTransaction", body: With("amount", 1500, $"number_{_mark}"));
        foreach (var amount in (string[])["0.01", "00150.5", "150.5000000", "999999999999999.99"])
            await caller.CallAsync(202, "acceptTransaction", body: With("amount", amount, $"amount_{amount}_{_mark}"));
        await caller.CallAsync(202, "acceptTransaction", body: With("currency", "inr", $"currency_{_mark}"));
        await caller.CallAsync(202, "acceptTransaction", body: With("something", "else", $"something_{_mark}"));

        foreach (var name in RunningSystem.Webhook().Select(member => member.Key))
        {
            var without = RunningSystem.Webhook();
            without.Remove(name);
            await caller.CallAsync(422, "acceptTransaction", body: without);
            await caller.CallAsync(422, "acceptTransaction", body: With(name, null));
            await caller.CallAsync(422, "acceptTransaction", body: With(name, true));
            await caller.CallAsync(422, "acceptTransaction", body: With(name, ""));
        }

        foreach (var amount in (JsonNode[])[0, -1, "0", "0.000", "-1", "abc", "1e5", "1.", ".5", "1000000000000000", 1000000000000000, "0.00001"])
            await caller.CallAsync(422, "acceptTransaction", body: With("amount", amount));
        foreach (var id in (string[])["with space", new string('x', 129), "ü"])
            await caller.CallAsync(422, "acceptTransaction", body: With("source_account", id));
        foreach (var currency in (string[])["US", "USDX", "U$D"]) await caller.CallAsync(422, "acceptTransaction", body: With("currency", currency));
        await caller.CallWithUnreadableBodiesAsync("acceptTransaction");

        await caller.CallAsync(200, "getTransaction", $"api_{_mark}");
        await caller.CallAsync(404, "getTransaction", $"nobody_{_mark}");
        var page = await caller.CallAsync(200, "listTransactions", "?limit=1&status=PROCESSING&created_from=2024-01-15T10:30:00Z");
        await caller.CallAsync(200, "listTransactions", $"?limit=1&status=PROCESSING&cursor={page.Body!["next_cursor"]}");
        foreach (var query in (string[])["?limit=0", "?limit=201", "?status=processing", "?account=with%20space", "?created_to=yesterday", "?cursor=x"])
            await caller.CallAsync(422, "listTransactions", query);
    }

    private async Task<(long User, string Key, long Other)> UsersAsync(Caller caller)
    {
        JsonObject Named(string name) => new() { ["email"] = $"{name}_{_mark}@example.com" };
        var user = (await caller.CallAsync(201, "createUser", body: Named("one"), key: AdminKey, idempotencyKey: $"user_{_mark}")).Body!;
        await caller.CallAsync(201, "createUser", body: Named("one"), key: AdminKey, idempotencyKey: $"user_{_mark}");
        var key = user["api_key"]!.GetValue<string>();
        var other = (await caller.CallAsync(
            201, "createUser", body: new JsonObject { ["email"] = $"two_{_mark}@example.com", ["currency"] = null }, key: AdminKey)).Body!;
        await caller.CallAsync(400, "createUser", body: Named("x"), key: AdminKey, idempotencyKey: new string('x', 256));
        await caller.CallAsync(401, "createUser", body: Named("x"));
        await caller.CallAsync(403, "createUser", body: Named("x"), key: key);
        await caller.CallAsync(409, "createUser", body: Named("one"), key: AdminKey);
        foreach (var email in (JsonNode?[])["nobody", "two@at@example.com", "a b@example.com", $"{new string('x', 251)}@x.y", 7, null])
            await caller.CallAsync(422, "createUser", body: new JsonObject { ["email"] = email }, key: AdminKey);
        await caller.CallAsync(422, "createUser", body: new JsonObject { ["email"] = $"x_{_mark}@example.com", ["currency"] = "US" }, key: AdminKey);
        await caller.CallWithUnreadableBodiesAsync("createUser", key: AdminKey);

        await caller.CallAsync(200, "logIn", body: new JsonObject { ["email"] = $"one_{_mark}@example.com", ["api_key"] = key });
        await caller.CallAsync(401, "logIn", body: new JsonObject { ["email"] = $"one_{_mark}@example.com", ["api_key"] = "wrong" });
        await caller.CallAsync(422, "logIn", body: new JsonObject { ["email"] = "", ["api_key"] = key });
        await caller.CallAsync(422, "logIn", body: new JsonObject { ["email"] = $"one_{_mark}@example.com" });
        await caller.CallWithUnreadableBodiesAsync("logIn");

        var (id, second) = (user["user_id"]!.GetValue<long>(), other["user_id"]!.GetValue<long>());
        await caller.CallAsync(200, "rotateKey", $"{second}", key: other["api_key"]!.GetValue<string>());
        await caller.CallAsync(401, "rotateKey", $"{second}", key: other["api_key"]!.GetValue<string>());
        await caller.CallAsync(403, "rotateKey", $"{second}", key: key);
        await caller.CallAsync(404, "rotateKey", Nobody, key: AdminKey);
        return (id, key, second);
    }

    private async Task PaymentsAsync(Caller caller, string key)
    {
        foreach (var type in (string[])["Deposit", "Withdrawal"])
        {
            var (create, get, list) = ($"create{type}", $"get{type}", $"list{type}s");
            var wanted = new JsonObject { ["amount"] = type == "Deposit" ? 250.00 : "0.50", ["currency"] = "usd", ["description"] = "Café 🙂 <&>" };
            var payment = (await caller.CallAsync(202, create, body: wanted, key: key, idempotencyKey: $"{type}_{_mark}")).Body!;
            var again = await caller.CallAsync(202, create, body: wanted.DeepClone(), key: key, idempotencyKey: $"{type}_{_mark}");
            Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"));
            await caller.CallAsync(202, create, body: new JsonObject { ["amount"] = "0.10", ["currency"] = null, ["description"] = null },
                key: key, idempotencyKey: $"more_{type}_{_mark}");
            await RefusalsAsync(caller, create, key);

            var id = payment["id"]!.GetValue<long>();
            await caller.CallAsync(200, get, $"{id}", key: key);
            await caller.CallAsync(401, get, $"{id}");
            await caller.CallAsync(404, get, Nobody, key: key);
            var page = (await caller.CallAsync(200, list, "?limit=1", key: key)).Body!;
            await caller.CallAsync(200, list, $"?limit=1&cursor={page["next_cursor"]}", key: key);
            await caller.CallAsync(200, list, "?user_id=1", key: AdminKey);
            await caller.CallAsync(422, list, "?user_id=0", key: AdminKey);
            await caller.CallAsync(401, list);
            foreach (var query in (string[])["?limit=0", "?limit=101", "?offset=-1", "?status=done", "?cursor=x"])
                await caller.CallAsync(422, list, query, key: key);
            if (type == "Deposit") await CallbacksAsync(caller, id);
        }

        await caller.CallAsync(400, "createWithdrawal", body: new JsonObject { ["amount"] = 1_000_000 }, key: key, idempotencyKey: $"much_{_mark}");
    }

    private static async Task RefusalsAsync(Caller caller, string create, string key)
    {
        await caller.CallAsync(400, create, body: new JsonObject { ["amount"] = 1 }, key: key);
        await caller.CallAsync(401, create, body: new JsonObject { ["amount"] = 1 }, idempotencyKey: "x");
        await caller.CallAsync(403, create, body: new JsonObject { ["amount"] = 1 }, key: AdminKey, idempotencyKey: "x");
        foreach (var amount in (JsonNode?[])[0, -1, "0", "abc", "1,5", 1000000000000000, true, null])
            await caller.CallAsync(422, create, body: new JsonObject { ["amount"] = amount }, key: key, idempotencyKey: "x");
        await caller.CallAsync(422, create, body: new JsonObject(), key: key, idempotencyKey: "x");
        await caller.CallAsync(422, create, body: new JsonObject { ["amount"] = 1, ["currency"] = "US" }, key: key, idempotencyKey: "x");
        await caller.CallAsync(422, create, body: new JsonObject { ["amount"] = 1, ["description"] = new string('x', 501) }, key: key, idempotencyKey: "x");
        await caller.CallWithUnreadableBodiesAsync(create, key: key, idempotencyKey: "x");
    }

    private static async Task CallbacksAsync(Caller caller, long payment)
    {
        await caller.CallAsync(200, "reportBankResult", body: Signed(payment, "success"));
        await caller.CallAsync(200, "reportBankResult", body: Signed(payment, "success"));
        await caller.CallAsync(409, "reportBankResult", body: Signed(payment, "failed"));
        await caller.CallAsync(404, "reportBankResult", body: Signed(long.Parse(Nobody, System.Globalization.CultureInfo.InvariantCulture), "failed"));
        await caller.CallAsync(422, "reportBankResult", body: Signed(payment, "done"));
        await caller.CallAsync(422, "reportBankResult", body: Signed(0, "success"));
        var forged = Signed(payment, "success");
        forged["signature"] = new string('0', 64);
        await caller.CallAsync(401, "reportBankResult", body: forged);
        await caller.CallWithUnreadableBodiesAsync("reportBankResult");
    }

    private static async Task AccountsAsync(Caller caller, long user, long other, string key)
    {
        foreach (var (id, limit) in (IEnumerable<(string, int)>)[("getBalance", 10), ("listUserTransactions", 20)])
        {
            await caller.CallAsync(200, id, $"{user}", key: key);
            await caller.CallAsync(401, id, $"{user}");
            await caller.CallAsync(403, id, $"{other}", key: key);
            await caller.CallAsync(404, id, id == "getBalance" ? Nobody : "x", key: AdminKey);
            if (id != "getBalance") await caller.CallAsync(422, id, $"{user} ?type=gift", key: key);
            for (var calls = id == "getBalance" ? 2 : 3; calls < limit; calls++) await caller.CallAsync(200, id, $"{user}", key: key);
            await caller.CallAsync(429, id, $"{user}", key: key);
        }
    }

    private static JsonObject With(string name, JsonNode? value, string? id = null)
    {
        var webhook = RunningSystem.Webhook(id);
        webhook[name] = value?.DeepClone();
        return webhook;
    }

    private static JsonObject Signed(long payment, string status)
    {
        var callback = new JsonObject
        {
            ["transaction_id"] = payment,
            ["bank_reference"] = $"DEP-{payment:X12}",
            ["status"] = status,
            ["error_message"] = null,
            ["signature"] = "",
        };
        var text = new ArrayBufferWriter<byte>();
        Assert.True(BankSignature.TryCanonicalize(System.Text.Encoding.UTF8.GetBytes(callback.ToJsonString()), text, out _));
        callback["signature"] = BankSignature.Sign(CallbackSecret, text.WrittenSpan);
        return callback;
    }
}
