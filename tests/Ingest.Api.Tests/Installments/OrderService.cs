using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Data.Ledger;
using Npgsql;

namespace Ingest.Api.Tests.Installments;

/// <summary>A service that takes installment orders in. Each test has customers of its own.</summary>
public sealed class OrderService(Servers servers) : IAsyncLifetime
{
    private int _customers;

    internal IngestService Ingest { get; private set; } = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Ingest = await IngestService.StartAsync(
        servers, ("Idempotency:Patience", "00:00:30"), ("Idempotency:PlaceTimeout", "00:01:00"), ("RateLimits:Enabled", "false"),
        ("Installments:Dunning:0", "2"), ("Installments:Dunning:1", "4"));

    public ValueTask DisposeAsync() => Ingest.DisposeAsync();

    /// <summary>A customer's id; with money, of one who has a wallet.</summary>
    internal async Task<string> AddCustomerAsync(decimal balance = 0)
    {
        var customer = $"cust_{Interlocked.Increment(ref _customers)}";
        if (balance == 0) return customer;
        var wallet = Guid.CreateVersion7();
        await Ingest.Database.ExecuteAsync($"INSERT INTO wallets (id, customer_id, currency) VALUES ('{wallet}', '{customer}', 'USD')");
        await using var connection = new NpgsqlConnection(Ingest.Database.ConnectionString);
        await connection.OpenAsync(Cancelled);
        var own = await OpenAccount.RunAsync(connection, Accounts.OfWallet(customer, "USD"), Cancelled);
        var bank = await OpenAccount.RunAsync(connection, Accounts.OfFunding(wallet, "USD"), Cancelled);
        var credit = new NewTransfer($"credit:{wallet}", "credit", "USD", new Posting(own, balance), new Posting(bank, -balance));
        await PostTransfers.AndCommitAsync(connection, [credit], Cancelled);
        return customer;
    }

    internal async Task<Answer> PostAsync(string path, string? body = null, string? key = null)
    {
        using var content = body is null
            ? null
            : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await Ingest.SendAsync(HttpMethod.Post, $"/installments{path}", content, key is null ? [] : [("Idempotency-Key", key)]);
    }

    internal Task<Answer> CreateAsync(string members, string? key = null) => PostAsync("/orders", $"{{{members}}}", key);

    /// <summary>An order that was made; its members are the inside of an object.</summary>
    internal async Task<JsonElement> OrderAsync(string members)
    {
        var answer = await CreateAsync(members);
        Assert.True(answer.Status == 200, answer.Body);
        return answer.Json;
    }

    /// <summary>The order's status and its installments': <c>active: paid pending</c>.</summary>
    internal Task<string> StateAsync(JsonElement order) => Ingest.Database.ReadAsync<string>(
        $"""
        SELECT o.status || ': ' || string_agg(i.status, ' ' ORDER BY i.number)
        FROM installment_orders o JOIN installments i ON i.order_id = o.id WHERE o.id = '{order.Id()}' GROUP BY o.status
        """);

    internal Task<long> CountOrdersAsync(string customer) =>
        Ingest.Database.ReadAsync<long>($"SELECT count(*) FROM installment_orders WHERE customer_id = '{customer}'");

    internal Task<long> CountChargesAsync(JsonElement order) =>
        Ingest.Database.ReadAsync<long>($"SELECT count(*) FROM charges WHERE installment_order_id = '{order.Id()}'");
}

internal static class OrderJson
{
    public static string Id(this JsonElement element) => element.GetProperty("id").GetString()!;

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).ToString();

    /// <summary>A member of each installment.</summary>
    public static string Each(this JsonElement order, string name) =>
        string.Join(' ', order.GetProperty("installments").EnumerateArray().Select(installment => installment.GetProperty(name).GetRawText().Trim('"')));

    public static string InstallmentId(this JsonElement order, int number) => order.GetProperty("installments")[number - 1].Id();
}
