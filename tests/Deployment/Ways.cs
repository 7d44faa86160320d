using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Deployment;

/// <summary>The ways of AppHost.Tests, from outside: nothing but the public base URL and two keys.</summary>
internal sealed class Ways(Uri url, string apiKey, string adminKey, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>Goes all of them; the first that leads elsewhere is thrown.</summary>
    public async Task<IReadOnlyList<string>> GoAsync(CancellationToken cancellationToken) =>
    [
        await WellAsync(cancellationToken),
        await WebhookAsync(cancellationToken),
        await DepositAsync(cancellationToken),
        await ChargeAsync(cancellationToken),
        await PagesAsync(cancellationToken),
    ];

    private async Task<string> WellAsync(CancellationToken cancellationToken)
    {
        var health = await UntilAsync("/health/worker", null, answer => answer["status"]?.GetValue<string>() == "HEALTHY", cancellationToken);
        return $"/health/worker: HEALTHY, {health["workers"]} workers, {health["partitions"]} partitions";
    }

    private async Task<string> WebhookAsync(CancellationToken cancellationToken)
    {
        var id = $"txn_{Guid.NewGuid():N}";
        var webhook = Load.Webhook(id);
        Expect(HttpStatusCode.Accepted, await PostAsync("/v1/webhooks/transactions", webhook, null, cancellationToken));
        var (again, duplicate) = await PostAsync("/v1/webhooks/transactions", webhook, null, cancellationToken);
        Expect(HttpStatusCode.Accepted, (again, duplicate));
        if (duplicate["duplicate"]?.GetValue<bool>() != true) throw new InvalidOperationException($"not known as a duplicate: {duplicate}");
        webhook["amount"] = "2.00";
        Expect(HttpStatusCode.Conflict, await PostAsync("/v1/webhooks/transactions", webhook, null, cancellationToken));
        var done = await UntilAsync($"/v1/transactions/{id}", null, answer => answer[0]?["status"]?.GetValue<string>() == "PROCESSED", cancellationToken);
        var took = done[0]!["processed_at"]!.GetValue<DateTimeOffset>() - done[0]!["created_at"]!.GetValue<DateTimeOffset>();
        return $"a webhook: 202, a duplicate, a conflict, PROCESSED after {took.TotalSeconds:0.0} s";
    }

    private async Task<string> DepositAsync(CancellationToken cancellationToken)
    {
        var user = await PostAsync("/api/v1/users", new() { ["email"] = $"{Guid.NewGuid():N}@example.com" }, adminKey, cancellationToken);
        Expect(HttpStatusCode.Created, user);
        var key = user.Body["api_key"]!.GetValue<string>();
        var (status, deposit) = await PostAsync("/api/v1/deposits", new() { ["amount"] = 250 }, key, cancellationToken);
        Expect(HttpStatusCode.Accepted, (status, deposit));
        var id = deposit["id"] ?? deposit["transaction_id"] ?? throw new InvalidOperationException($"no id in {deposit}");
        var settled = await UntilAsync(
            $"/api/v1/deposits/{id}", key, answer => answer["status"]?.GetValue<string>() is "success" or "failed", cancellationToken);
        return $"a deposit: settled by the bank's callback, {settled["status"]}";
    }

    private async Task<string> ChargeAsync(CancellationToken cancellationToken)
    {
        var customer = $"cust_{Guid.NewGuid():N}";
        Expect(HttpStatusCode.OK, await PostAsync("/wallets", new() { ["customer_id"] = customer }, null, cancellationToken));
        await PostAsync($"/wallets/{customer}/credit", new() { ["amount"] = 100 }, null, cancellationToken);
        var (_, charge) = await PostAsync(
            "/charges", new() { ["customer_id"] = customer, ["amount"] = 130, ["stripe_payment_method"] = "pm_card_visa" }, null, cancellationToken);
        var settled = await UntilAsync($"/charges/{charge["id"]}", null, answer => answer["status"]?.GetValue<string>() == "succeeded", cancellationToken);
        return $"a charge: {settled["wallet_amount"]} from the wallet, {settled["external_amount"]} from the card";
    }

    private async Task<string> PagesAsync(CancellationToken cancellationToken)
    {
        foreach (var path in new[] { "/", "/docs", "/openapi.json", "/login", "/admin/login" })
        {
            using var response = await _http.GetAsync(path, cancellationToken);
            if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"GET {path}: {(int)response.StatusCode}");
        }

        return "pages: /, /docs, /openapi.json, /login, /admin/login";
    }

    private async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(string path, JsonObject body, string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-API-Key", key ?? apiKey);
        request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
        using var response = await _http.SendAsync(request, cancellationToken);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken) ?? new JsonObject());
    }

    private async Task<JsonNode> UntilAsync(string path, string? key, Func<JsonNode, bool> holds, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-API-Key", key ?? apiKey);
            using var response = await _http.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken) ?? new JsonObject();
            if (response.IsSuccessStatusCode && holds(answer)) return answer;
            if (clock.GetElapsedTime(begun) > Patience) throw new TimeoutException($"GET {path}: {(int)response.StatusCode} {answer}");
            await Task.Delay(TimeSpan.FromSeconds(7), clock, cancellationToken); // A balance may be read ten times a minute.
        }
    }

    private static void Expect(HttpStatusCode expected, (HttpStatusCode Status, JsonNode Body) answer)
    {
        if (answer.Status != expected) throw new InvalidOperationException($"{(int)answer.Status} instead of {(int)expected}: {answer.Body}");
    }
}
