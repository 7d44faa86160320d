using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Faults.Load;

/// <summary>A payment that was answered 202.</summary>
internal sealed record Paid(long Id, long UserId, string Type, string Amount);

/// <summary>
/// Users who deposit and withdraw at random, side by side. Each repeats a request with its key until it has an answer, as a client should, and
/// now and then once more, to see that the answer is the same.
/// </summary>
internal sealed class Payer(HttpClient door, IReadOnlyList<(long Id, string Key)> users, int seed, TimeProvider clock)
{
    private readonly RepeatingClient _client = new(door, clock);
    private readonly ConcurrentQueue<Paid> _paid = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private int _next;
    private int _refused;
    private int _asked;

    public IReadOnlyCollection<Paid> Paid => _paid;

    /// <summary>Answers that break a promise.</summary>
    public IReadOnlyCollection<string> Problems => [.. _client.Problems, .. _problems];

    /// <summary>Withdrawals that were not covered.</summary>
    public int Refused => _refused;

    /// <summary>Requests that were sent again: for want of an answer, or to see it again.</summary>
    public int Repeated => _client.Repeated + _asked;

    /// <summary>Makes that many requests, so many at a time.</summary>
    public Task RunAsync(int requests, int atATime, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, atATime).Select(async _ =>
    {
        while (Interlocked.Increment(ref _next) is var n && n <= requests) await PayAsync(n, stop);
    }));

    private async Task PayAsync(int n, CancellationToken stop)
    {
        var random = new Random(seed + n);
        var user = users[random.Next(users.Count)];
        var type = random.Next(5) < 3 ? "deposit" : "withdrawal";
        var amount = (random.Next(1, 5_000) / 100m).ToString("0.00", CultureInfo.InvariantCulture);
        var key = string.Create(CultureInfo.InvariantCulture, $"faults-{seed}-{n}");
        var answer = await AnswerAsync(user.Key, type, amount, key, stop);
        if (answer.Status == 202)
            _paid.Enqueue(new Paid(JsonElement.Parse(answer.Body).GetProperty("id").GetInt64(), user.Id, type, amount));
        else
            Interlocked.Increment(ref _refused);

        if (random.Next(10) > 0) return;
        Interlocked.Increment(ref _asked);
        if (await AnswerAsync(user.Key, type, amount, key, stop) is var again && again != answer)
            _problems.Enqueue($"{key} was answered {answer.Body}, then {again.Body}");
    }

    /// <summary>The first answer that is one: 202, or 400 for want of money.</summary>
    private Task<Answer> AnswerAsync(string apiKey, string type, string amount, string key, CancellationToken stop) => _client.SendAsync(
        $"/api/v1/{type}s", $$"""{"amount":"{{amount}}"}""", key, apiKey,
        answer => answer.Status == 202 || (answer.Status == 400 && answer.Body.Contains("insufficient_balance", StringComparison.Ordinal)), stop);
}
