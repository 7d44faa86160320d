using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
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
    private static readonly TimeSpan BeforeRetry = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentQueue<Paid> _paid = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private int _next;
    private int _refused;
    private int _repeated;

    public IReadOnlyCollection<Paid> Paid => _paid;

    /// <summary>Answers that break a promise.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Withdrawals that were not covered.</summary>
    public int Refused => _refused;

    /// <summary>Requests that were sent again: for want of an answer, or to see it again.</summary>
    public int Repeated => _repeated;

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
        var (status, body) = await AnswerAsync(user.Key, type, amount, key, stop);
        if (status == HttpStatusCode.Accepted)
        {
            var id = JsonElement.Parse(body).GetProperty("id").GetInt64();
            _paid.Enqueue(new Paid(id, user.Id, type, amount));
        }
        else
        {
            Interlocked.Increment(ref _refused);
        }

        if (random.Next(10) > 0) return;
        Interlocked.Increment(ref _repeated);
        if (await AnswerAsync(user.Key, type, amount, key, stop) is var again && again != (status, body))
            _problems.Enqueue($"{key} was answered {body}, then {again.Body}");
    }

    /// <summary>The first answer that is one: 202, or 400 for want of money.</summary>
    private async Task<(HttpStatusCode Status, string Body)> AnswerAsync(string apiKey, string type, string amount, string key, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/{type}s") { Content = JsonContent.Create(new { amount }) };
                request.Headers.Add("X-API-Key", apiKey);
                request.Headers.Add("Idempotency-Key", key);
                using var response = await door.SendAsync(request, stop);
                var body = await response.Content.ReadAsStringAsync(stop);
                if (response.StatusCode == HttpStatusCode.Accepted) return (response.StatusCode, body);
                if (response.StatusCode == HttpStatusCode.BadRequest && body.Contains("insufficient_balance", StringComparison.Ordinal))
                    return (response.StatusCode, body);
                if ((int)response.StatusCode is not (409 or 502 or 503 or 504)) _problems.Enqueue($"{key} was answered {(int)response.StatusCode}: {body}");
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !stop.IsCancellationRequested)
            {
                // Something is away; the same key is safe to send again.
            }

            Interlocked.Increment(ref _repeated);
            await Task.Delay(BeforeRetry, clock, stop);
        }
    }
}
