using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Faults.Load;

namespace Faults.Charges;

/// <summary>
/// Customers who put money into their wallets, pay from them, by card or both, get refunds and order installments, side by side. Each repeats a request with
/// its key until it is answered, and now and then once more, to see that the answer is the same. What was answered is kept.
/// </summary>
internal sealed class ChargingCustomers(RepeatingClient door, BusinessDays days, int seed, TimeProvider clock)
{
    private const int Count = 12;
    private const string Prefix = "faults_";

    /// <summary>The condition, in SQL, that a customer is one of them: the seed has some, too.</summary>
    public const string AreThese = $"customer_id LIKE '{Prefix}%'";

    private readonly ConcurrentQueue<AskedCredit> _credits = new();
    private readonly ConcurrentQueue<AskedCharge> _charges = new();
    private readonly ConcurrentQueue<AskedRefund> _refunds = new();
    private readonly ConcurrentQueue<AskedOrder> _orders = new();
    private readonly ConcurrentDictionary<Guid, bool> _cancelled = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private int _next;

    public static IEnumerable<string> Names => Enumerable.Range(0, Count).Select(n => $"{Prefix}{n}");

    public IReadOnlyCollection<AskedCredit> Credits => _credits;

    public IReadOnlyCollection<AskedCharge> Charges => _charges;

    public IReadOnlyCollection<AskedRefund> Refunds => _refunds;

    public IReadOnlyCollection<AskedOrder> Orders => _orders;

    /// <summary>Orders of which a cancellation was answered.</summary>
    public ICollection<Guid> Cancelled => _cancelled.Keys;

    /// <summary>Answers that break a promise.</summary>
    public IEnumerable<string> Problems => [.. door.Problems, .. _problems];

    public async Task OpenWalletsAsync(CancellationToken stop)
    {
        foreach (var name in Names)
            await door.SendAsync("/wallets", $$"""{"customer_id":"{{name}}"}""", $"wallet-{name}", null, answer => answer.Status == 200, stop);
    }

    /// <summary>Asks until the end, so many at a time, with a pause after each; returns when the last one is answered.</summary>
    /// <param name="atATime">How many.</param>
    /// <param name="pause">After each answer.</param>
    /// <param name="end">No more are begun.</param>
    /// <param name="stop">Gives up.</param>
    public Task RunAsync(int atATime, TimeSpan pause, CancellationToken end, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, atATime).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                await AskAsync(Interlocked.Increment(ref _next), stop);
                await Task.Delay(pause, clock, stop);
            }
        }));

    private Task AskAsync(int n, CancellationToken stop)
    {
        var random = new Random(seed + n);
        var request = new Request(
            string.Create(CultureInfo.InvariantCulture, $"faults-{seed}-{n}"), $"{Prefix}{random.Next(Count)}", random.Next(100, 10_000) / 100m, random);
        return random.Next(100) switch
        {
            < 16 => CreditAsync(request, stop),
            < 36 when _charges.Where(charge => charge.Status != "failed").TakeLast(50).ToArray() is { Length: > 0 } charges =>
                RefundAsync(request, charges[random.Next(charges.Length)], stop),
            < 48 => OrderAsync(request, stop),
            < 54 when _orders.TakeLast(10).ToArray() is { Length: > 0 } orders => ChangeAsync(request, orders[random.Next(orders.Length)], stop),
            _ => ChargeAsync(request, stop),
        };
    }

    private async Task CreditAsync(Request request, CancellationToken stop)
    {
        await AnswerAsync(request, $"/wallets/{request.Customer}/credit", $$"""{"amount":"{{Text(request.Amount)}}"}""", (a, b) => a == b, stop);
        _credits.Enqueue(new(request.Customer, request.Amount));
    }

    private async Task ChargeAsync(Request request, CancellationToken stop)
    {
        var source = request.Random.Next(100) switch { < 15 => "wallet", < 35 => "external", _ => null };
        var card = source == "wallet" ? null : request.Card(declined: 20);
        var split = request.Random.Next(5) == 0 ? """[{"destination":"acct_1","percent":70},{"destination":"acct_2","percent":30}]""" : "null";
        var answer = await AnswerAsync(
            request, "/charges",
            $$"""
            {"metadata":{"key":"{{request.Key}}"},"customer_id":"{{request.Customer}}","amount":"{{Text(request.Amount)}}","split_instructions":{{split}},
            "payment_method":{{Request.Json(source)}},"stripe_payment_method":{{Request.Json(card)}} }
            """, IsSame, stop);
        var charge = JsonElement.Parse(answer.Body);
        _charges.Enqueue(new(request.Key, charge.GetProperty("id").GetGuid(), request.Customer, request.Amount, card, StatusOf(charge)));
    }

    private async Task RefundAsync(Request request, AskedCharge charge, CancellationToken stop)
    {
        var part = decimal.Round(charge.Amount * request.Random.Next(1, 100) / 100m, 2) + 0.01m;
        var amount = Request.Json(request.Random.Next(2) == 0 ? null : Text(part));
        var answer = await AnswerAsync(
            request, $"/charges/{charge.Id}/refunds", $$"""{"amount":{{amount}},"reason":"{{request.Key}}"}""", IsSame, stop);
        if (answer.Status != 200) return;
        var refund = JsonElement.Parse(answer.Body);
        _refunds.Enqueue(new(request.Key, refund.GetProperty("id").GetGuid(), charge.Id, StatusOf(refund)));
    }

    private async Task OrderAsync(Request request, CancellationToken stop)
    {
        var card = request.Random.Next(10) == 0 ? null : request.Card(declined: 25);
        var answer = await AnswerAsync(
            request, "/installments/orders",
            $$"""
            {"metadata":{"key":"{{request.Key}}"},"customer_id":"{{request.Customer}}","amount":"{{Text(request.Amount)}}","interval":"day","dunning":[1,2],
            "installment_count":{{request.Random.Next(1, 4)}},"first_due_date":"{{days.Today.AddDays(1):yyyy-MM-dd}}",
            "stripe_payment_method":{{Request.Json(card)}} }
            """, (a, b) => a == b, stop);
        var order = JsonElement.Parse(answer.Body);
        Guid[] installments = [.. order.GetProperty("installments").EnumerateArray().Select(installment => installment.GetProperty("id").GetGuid())];
        _orders.Enqueue(new(request.Key, order.GetProperty("id").GetGuid(), request.Customer, request.Amount, card, installments));
    }

    /// <summary>Charges an installment at once, beside the worker, or cancels the order.</summary>
    private async Task ChangeAsync(Request request, AskedOrder order, CancellationToken stop)
    {
        var isToCancel = request.Random.Next(5) == 0;
        var installment = order.Installments[request.Random.Next(order.Installments.Count)];
        var path = isToCancel ? $"/installments/orders/{order.Id}/cancel" : $"/installments/installments/{installment}/process";
        var answer = await AnswerAsync(request, path, "{}", (a, b) => a == b, stop);
        if (isToCancel && answer.Status == 200) _cancelled[order.Id] = true;
    }

    private async Task<Answer> AnswerAsync(Request request, string path, string body, Func<Answer, Answer, bool> isSame, CancellationToken stop)
    {
        // 422: less is left to refund, or the installment is charged already. Nothing else asks for what cannot be.
        var mayBeRefused = path.EndsWith("/refunds", StringComparison.Ordinal) || path.StartsWith("/installments/", StringComparison.Ordinal);
        bool IsAnswer(Answer answer) => answer.Status == 200 || (answer.Status == 422 && mayBeRefused);
        var first = await door.SendAsync(path, body, request.Key, null, IsAnswer, stop);
        if (request.Random.Next(10) > 0) return first;
        var again = await door.SendAsync(path, body, request.Key, null, IsAnswer, stop);
        if (first.Status == 200 && !isSame(first, again)) _problems.Enqueue($"{path} with {request.Key} was answered {first.Body}, then {again.Body}");
        return first;
    }

    /// <summary>A charge or a refund again: the same one, and what is final stays so.</summary>
    private static bool IsSame(Answer first, Answer again)
    {
        var (a, b) = (JsonElement.Parse(first.Body), JsonElement.Parse(again.Body));
        var isSame = again.Status == 200 && a.GetProperty("id").GetGuid() == b.GetProperty("id").GetGuid();
        return isSame && (StatusOf(a) == "pending" || StatusOf(a) == StatusOf(b));
    }

    private static string Text(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    private static string StatusOf(JsonElement resource) => resource.GetProperty("status").GetString()!;

    private sealed record Request(string Key, string Customer, decimal Amount, Random Random)
    {
        public static string Json(string? text) => text is null ? "null" : $"\"{text}\"";

        /// <summary>A card; so many of a hundred are declined.</summary>
        public string Card(int declined)
        {
            var cards = Random.Next(100) < declined ? Cards.Declined : Cards.Good;
            return cards[Random.Next(cards.Length)];
        }
    }
}
