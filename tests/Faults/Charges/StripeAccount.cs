using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Faults.Running;

namespace Faults.Charges;

/// <summary>A row of Stripe's books: a payment intent.</summary>
/// <param name="Id"><c>pi_...</c>.</param>
/// <param name="ChargeId">Our charge, by its metadata.</param>
/// <param name="Amount">In minor units.</param>
/// <param name="Status">Stripe's.</param>
/// <param name="Refunded">In minor units.</param>
internal sealed record Intent(string Id, string? ChargeId, long Amount, string Status, long Refunded);

/// <summary>A refund at Stripe.</summary>
internal sealed record StripeRefund(string Id, string? RefundId, long Amount, string Status);

/// <summary>The sandbox's Stripe: how it behaves, and what it says of itself.</summary>
internal sealed class StripeAccount : IDisposable
{
    /// <summary>What it does in turn, to some of the requests or to all.</summary>
    public static readonly (string Behaviour, double Share)[] Behaviours =
    [
        ("commit_then_hang", 1), ("rate_limited", 0.3), ("commit_then_500", 1), ("slow", 1), ("commit_then_reset", 1), ("late_success", 1),
        ("commit_then_500_replayed", 0.5), ("normal", 1),
    ];

    /// <summary>
    /// For the services: charges go through all their steps within seconds. Its silence is noticed after 2 s, a claim ends after 5; it is slow and late by 3 s
    /// (<see cref="BehaveAsync"/>), so both meet the time-out, the key that is in use, and the wait for a result that comes later.
    /// </summary>
    public static readonly (string Name, string Value)[] Quick =
    [
        ("Stripe__Timeout", "00:00:02"), ("Stripe__Lease", "00:00:05"), ("Stripe__RetryBase", "00:00:00.200"), ("Stripe__MaxRetryWait", "00:00:05"),
        ("Stripe__ProcessingWait", "00:00:02"), ("Installments__Lease", "00:00:03"), ("Installments__PollInterval", "00:00:00.500"),
    ];

    private readonly HttpClient _http;

    public StripeAccount(RunningSystem system)
    {
        _http = system.CreateClient(RunningSystem.Sandbox, TimeSpan.FromSeconds(30));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes("sk_test_faults:")));
    }

    /// <summary>
    /// Tells it how to behave. Mostly webhooks tell of late results alone, so that the worker finds out the others; in every ninth round of all.
    /// </summary>
    /// <param name="round">Which of <see cref="Behaviours"/>, in turn.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<string> BehaveAsync(int round, CancellationToken stop)
    {
        var (behaviour, share) = Behaviours[round % Behaviours.Length];
        var webhooks = round % 9 == 0 ? "all" : "late";
        await PutAsync(new { behaviour, share, webhooks, delay = "00:00:03" }, stop);
        return behaviour;
    }

    /// <summary>No more of it.</summary>
    public Task BehaveWellAsync(CancellationToken stop) => PutAsync(new { behaviour = "normal" }, stop);

    public async Task<IReadOnlyList<Intent>> ReadIntentsAsync(CancellationToken stop)
    {
        var books = await _http.GetFromJsonAsync<JsonElement>("/stripe/books?detail=true", stop);
        return
        [
            .. books.GetProperty("rows").EnumerateArray().Select(row => new Intent(
                Text(row, "id")!, Text(row, "charge_id"), row.GetProperty("amount").GetInt64(), Text(row, "status")!, row.GetProperty("refunded").GetInt64())),
        ];
    }

    public async Task<IReadOnlyList<StripeRefund>> ReadRefundsAsync(CancellationToken stop)
    {
        var refunds = new List<StripeRefund>();
        for (var more = true; more;)
        {
            var after = refunds.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"&starting_after={refunds[^1].Id}");
            var page = await _http.GetFromJsonAsync<JsonElement>($"/v1/refunds?limit=100{after}", stop);
            refunds.AddRange(page.GetProperty("data").EnumerateArray().Select(row => new StripeRefund(
                Text(row, "id")!, Text(row.GetProperty("metadata"), "refund_id"), row.GetProperty("amount").GetInt64(), Text(row, "status")!)));
            more = page.GetProperty("has_more").GetBoolean();
        }

        return refunds;
    }

    public void Dispose() => _http.Dispose();

    private async Task PutAsync<T>(T behaviour, CancellationToken stop)
    {
        using var answer = await _http.PutAsJsonAsync("/stripe/behaviour", behaviour, stop);
        answer.EnsureSuccessStatusCode();
    }

    private static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out var member) ? member.GetString() : null;
}
