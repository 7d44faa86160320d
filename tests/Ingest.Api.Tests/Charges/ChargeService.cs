using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ingest.Api.Tests.Charges;

/// <summary>
/// A service that takes charges in. No worker runs beside it: what Stripe has to be asked about stays pending, until a test sends Stripe's webhook.
/// </summary>
public sealed class ChargeService(Servers servers) : IAsyncLifetime
{
    public const string Secret = "a-secret-that-stripe-knows";

    private int _customers;

    internal IngestService Ingest { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Ingest = await IngestService.StartAsync(
        servers, ("STRIPE_WEBHOOK_SECRET", Secret), ("Idempotency:Patience", "00:00:30"), ("Idempotency:PlaceTimeout", "00:01:00"), ("RateLimits:Enabled",
            "false"));

    public ValueTask DisposeAsync() => Ingest.DisposeAsync();

    /// <summary>A customer of the test's own; with a balance, their wallet too.</summary>
    internal async Task<string> AddCustomerAsync(decimal? balance = null, string currency = "USD")
    {
        var customer = $"cust_{Interlocked.Increment(ref _customers)}";
        if (balance is not { } amount) return customer;
        Assert.Equal(200, (await PostAsync("/wallets", $$"""{"customer_id":"{{customer}}","currency":"{{currency}}"}""")).Status);
        if (amount > 0) Assert.Equal(200, (await PostAsync($"/wallets/{customer}/credit", $$"""{"amount":"{{amount}}"}""")).Status);
        return customer;
    }

    internal async Task<Answer> PostAsync(string path, string? body, string? key = null)
    {
        using var content = body is null
            ? null
            : new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await Ingest.SendAsync(HttpMethod.Post, path, content, key is null ? [] : [("Idempotency-Key", key)]);
    }

    /// <summary>A charge that is answered 200.</summary>
    internal async Task<JsonElement> ChargeAsync(string customer, string members, string? key = null)
    {
        var answer = await PostAsync("/charges", $$"""{"customer_id":"{{customer}}",{{members}}}""", key);
        Assert.Equal(200, answer.Status);
        return answer.Json;
    }

    /// <summary>Stripe's webhook about a charge or a refund of ours.</summary>
    internal Task<Answer> ReportAsync(string type, string members) => SendEventAsync(
        $"{{\"id\":\"evt_1\",\"type\":\"{type}\",\"data\":{{\"object\":{{{members}}}}}}}");

    internal async Task<Answer> SendEventAsync(string body, string? signature = null)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Ingest.SendAsync(HttpMethod.Post, "/webhooks/stripe", content, ("Stripe-Signature", signature ?? Sign(body, DateTimeOffset.UtcNow)));
    }

    internal static string Sign(string body, DateTimeOffset at, string secret = Secret)
    {
        var time = at.ToUnixTimeSeconds();
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}")))}";
    }

    /// <summary>What the wallet has, in the fewest digits.</summary>
    internal Task<string> WalletAsync(string customer) =>
        Ingest.Database.ReadAsync<string>($"SELECT trim_scale(balance)::text FROM accounts WHERE owner = 'wallet:{customer}'");

    /// <summary>How many rows there are that anybody has stored.</summary>
    internal Task<long> StoredAsync() => Ingest.Database.ReadAsync<long>(
        "SELECT (SELECT count(*) FROM charges) + (SELECT count(*) FROM refunds) + (SELECT count(*) FROM wallets) + (SELECT count(*) FROM transfers)");
}
