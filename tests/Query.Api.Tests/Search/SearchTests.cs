using System.Text.Json;
using Npgsql;
using Query.Api.Search;
using Query.Api.Tests.Payments;
using Query.Api.Tests.Webhooks;

namespace Query.Api.Tests.Search;

/// <summary>On the database that others fill too: ids and names that no other test has, and numbers that others may have as well.</summary>
public sealed class SearchTests(Databases databases) : IAsyncLifetime
{
    private const string Key = "an-admin-key-for-these-tests", TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    private readonly Customers _customers = new(databases.ConnectionString);
    private readonly Hooks _hooks = new(databases.ConnectionString);
    private readonly QueryService _query = new(databases.ConnectionString, ("Auth:AdminKeys:0", Key));
    private readonly string _mark = $"{Guid.NewGuid():N}";

    public ValueTask InitializeAsync()
    {
        _query.Client.DefaultRequestHeaders.Add("X-API-Key", Key);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _query.DisposeAsync();

    [Fact]
    public async Task Everything_is_found_by_its_id()
    {
        var customer = await _customers.AddWalletAsync("JPY");
        var charge = await _customers.AddChargeAsync(customer.Id, amount: 130);
        var refund = await _customers.AddRefundAsync(charge, 12.5m, "pending");
        var order = await _customers.AddOrderAsync(customer.Id, [5]);
        var endpoint = await _hooks.AddEndpointAsync(customer.Id);
        var happened = await _hooks.AddEventAsync(customer.Id);
        var delivery = await _hooks.AddDeliveryAsync(endpoint, happened: happened);
        await _hooks.ExecuteAsync("UPDATE webhook_events SET traceparent = $1 WHERE id = $2", TraceParent, happened);
        await Rows.AddAsync(databases.ConnectionString, $"txn_{_mark}");

        Assert.Equal(Hit("transaction", $"txn_{_mark}", "acc_user_789 to acc_merchant_456, 150.50 USD", "PROCESSED"), await OneAsync($"txn_{_mark}"));
        Assert.Equal(Hit("charge", charge, $"charge of {customer.Id}, 130.00 USD", "succeeded"), await OneAsync($"{charge}"));
        Assert.Equal(Hit("refund", refund, $"refund to {customer.Id}, 12.50 USD", "pending"), await OneAsync($"{refund:N}"));
        Assert.Equal(Hit("order", order, $"installments of {customer.Id}, 5.00 USD", "active"), await OneAsync($"{order}"));
        Assert.Equal(Hit("wallet", customer.WalletId, $"wallet of {customer.Id}, JPY", "active"), await OneAsync($"{customer.WalletId}"));
        Assert.Equal(Hit("endpoint", endpoint, $"https://receiver.example/{endpoint}", "enabled"), await OneAsync($"%20{endpoint}%20"));
        Assert.Equal(Hit("event", $"evt_{happened:N}", "charge.succeeded of c", null), await OneAsync($"evt_{happened:N}"));
        Assert.Equal(
            Hit("delivery", delivery, $"charge.succeeded to https://receiver.example/{endpoint}", "delivered"), await OneAsync($"{delivery}"));
        var hit = (await HitsAsync($"{delivery}"))[0];
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", hit.GetProperty("trace_id").GetString());
        Assert.EndsWith("Z", hit.GetProperty("created_at").GetString(), StringComparison.Ordinal);
        Assert.False((await HitsAsync($"{charge}"))[0].TryGetProperty("trace_id", out _));
    }

    [Fact]
    public async Task A_number_finds_the_payment_the_user_and_the_dead_letter_that_have_it()
    {
        var user = await Payers.AddUserAsync(databases.ConnectionString);
        var payment = await Payers.AddPaymentAsync(databases.ConnectionString, user, amount: 12.5m);
        await _customers.ExecuteAsync("UPDATE payments SET traceparent = $1 WHERE id = $2", TraceParent, payment);

        var found = Assert.Single(await HitsAsync($"{payment}"), hit => Text(hit, "kind") == "payment");
        Assert.Equal(("deposit, 12.50 USD", "success", "id"), (Text(found, "title"), Text(found, "status"), Text(found, "matched_by")));
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", Text(found, "trace_id"));
        Assert.Contains(await HitsAsync($"{user.Id}"), hit => Text(hit, "kind") == "user" && Text(hit, "id") == $"{user.Id}");
        Assert.Empty(await HitsAsync("9223372036854775807"));
        Assert.Empty(await HitsAsync("0"));
    }

    [Fact]
    public async Task A_reference_an_address_and_a_customer_find_what_has_them()
    {
        var user = await Payers.AddUserAsync(databases.ConnectionString);
        var payment = await Payers.AddPaymentAsync(databases.ConnectionString, user, bankReference: $"DEP {_mark}");
        var customer = await _customers.AddWalletAsync();
        var charge = await _customers.AddChargeAsync(customer.Id);
        await _customers.ExecuteAsync("UPDATE charges SET external_charge_id = $1 WHERE id = $2", $"pi_{_mark}", charge);
        await _customers.ExecuteAsync("UPDATE users SET email = $1 WHERE id = $2", $"zoë_{_mark}@example.com", user.Id);

        Assert.Equal(Hit("payment", payment, "deposit, 250.00 USD", "success", "bank_reference"), await OneAsync($"DEP%20{_mark}"));
        Assert.Equal(Hit("charge", charge, $"charge of {customer.Id}, 130.00 USD", "succeeded", "external_charge_id"), await OneAsync($"pi_{_mark}"));
        Assert.Equal(Hit("wallet", customer.WalletId, $"wallet of {customer.Id}, USD", "active", "customer_id"), await OneAsync(customer.Id));
        Assert.Equal(Hit("user", user.Id, $"zoë_{_mark}@example.com", null, "email"), await OneAsync($"ZO%C3%8B_{_mark}@Example.com"));
    }

    [Fact]
    public async Task An_idempotency_key_finds_what_was_made_under_it_and_otherwise_the_request()
    {
        var user = await Payers.AddUserAsync(databases.ConnectionString);
        var payment = await Payers.AddPaymentAsync(databases.ConnectionString, user);
        var charge = await _customers.AddChargeAsync(Customers.NewId());
        await AddReplyAsync($"user:{user.Id} POST /api/v1/deposits", 202, $"/api/v1/deposits/{payment}", "{}");
        await AddReplyAsync("api POST /charges", 200, null, $$"""{"id":"{{charge}}"}""");
        await AddReplyAsync("admin POST /api/v1/users", 201, $"/api/v1/users/{user.Id}/balance", "\u0001 sealed");
        await AddReplyAsync("api POST /installments/orders/{order_id}/activate order_id=1", 422, null, "{}");
        await AddReplyAsync("api POST /wallets", 200, null, """{"id":"019a6f3e-8b1a-7c3d-9e4f-0a1b2c3d4e5f"}""");
        await AddReplyAsync("api POST /charges/{id}/refunds id=1", 200, null, "{}", expired: true);

        var hits = (await HitsAsync(_mark)).Select(hit => (Text(hit, "kind"), Text(hit, "id"), Text(hit, "matched_by"))).ToHashSet();

        Assert.Equal(
            [
                ("payment", $"{payment}", "idempotency_key"), ("charge", $"{charge}", "idempotency_key"), ("user", $"{user.Id}", "idempotency_key"),
                ("idempotency_key", _mark, "idempotency_key"),
            ], hits);
        var request = Assert.Single(await HitsAsync(_mark), hit => Text(hit, "status") == "422");
        Assert.Equal(
            ("POST /installments/orders/{order_id}/activate order_id=1 by api", "422", JsonValueKind.Null),
            (Text(request, "title"), Text(request, "status"), request.GetProperty("created_at").ValueKind));
    }

    [Fact]
    public async Task Every_look_up_is_by_an_index()
    {
        IEnumerable<Lookup> lookups = [.. SearchEverything.LookupsOf("1", "a@b"), .. SearchEverything.LookupsOf($"{Guid.NewGuid()}", null)];
        var keys = KeyedReplies.ToCommand("k");
        foreach (var (sql, values) in lookups.Select(lookup => (lookup.Sql, (NpgsqlParameter[])[lookup.Value]))
            .Append((keys.CommandText, (NpgsqlParameter[])[.. keys.Parameters.Cast<NpgsqlParameter>()])))
        {
            await using var command = _query.Database.CreateCommand($"EXPLAIN {sql}");
            foreach (var value in values) command.Parameters.Add(value.Clone());
            await using var line = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await line.ReadAsync(TestContext.Current.CancellationToken)) Assert.DoesNotContain("Seq Scan", line.GetString(0), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(""), InlineData("?q="), InlineData("?q=%20%20"), InlineData("?q=a%00b"), InlineData("?q=a&q=b")]
    public async Task What_cannot_be_looked_for_is_422(string query) =>
        Assert.Equal("q", Assert.Single((await _query.GetProblemAsync($"/admin/search{query}", 422)).GetProperty("errors").EnumerateObject()).Name);

    [Fact]
    public async Task What_nobody_has_finds_nothing_however_strange_it_is_and_without_an_admin_key_it_is_closed()
    {
        foreach (var text in (string[])["nobody's", "%25_%25", "'; DROP TABLE users; --", "é@example.com", new string('x', 255), "evt_", "-1", "1.5"])
            Assert.Empty(await HitsAsync(text.Contains('%', StringComparison.Ordinal) ? text : Uri.EscapeDataString(text)));
        await _query.GetProblemAsync($"/admin/search?q={new string('x', 256)}", 422);

        _query.Client.DefaultRequestHeaders.Clear();
        await _query.GetProblemAsync("/admin/search?q=1", 401);
    }

    private static string? Text(JsonElement hit, string name) => hit.GetProperty(name).GetString();

    private static (string?, string?, string?, string?, string?) Hit(string kind, object id, string title, string? status, string matchedBy = "id") =>
        (kind, $"{id}", title, status, matchedBy);

    private async Task<List<JsonElement>> HitsAsync(string text) =>
        [.. (await _query.GetJsonAsync($"/admin/search?q={text}")).GetProperty("hits").EnumerateArray()];

    private async Task<(string?, string?, string?, string?, string?)> OneAsync(string text)
    {
        var hit = Assert.Single(await HitsAsync(text));
        return (Text(hit, "kind"), Text(hit, "id"), Text(hit, "title"), Text(hit, "status"), Text(hit, "matched_by"));
    }

    private Task AddReplyAsync(string scope, int status, string? location, string body, bool expired = false) => _customers.ExecuteAsync(
        """
        INSERT INTO idempotency_keys (scope, key, request_hash, status, location, content_type, body, expires_at)
        VALUES ($1, $2, '', $3, $4, 'application/json; charset=utf-8', convert_to($5, 'UTF8'), now() + CASE WHEN $6 THEN interval '-1 s' ELSE '1 h' END)
        """,
        scope, _mark, status, location, body, expired);
}
