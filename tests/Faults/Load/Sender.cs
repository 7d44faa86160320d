using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Faults.Load;

/// <summary>
/// A steady sender at the front door, in an open loop: it sends at its rate whatever comes back, and writes down every attempt and every
/// answer. What it sends comes from the seed.
/// </summary>
internal sealed class Sender(HttpClient door, string prefix, Random random, TimeProvider clock)
{
    public const string Path = "/v1/webhooks/transactions";

    private const double New = 0.80, Duplicates = 0.15;

    /// <summary>Ids younger than this are repeated and contradicted: 10 s of the load or 20, so also those whose row is on its way.</summary>
    private const int Recent = 2_000;

    /// <summary>While nothing is answered, 1,000 requests hang after 5 s at 200 a second; beyond this it holds back.</summary>
    public const int MaxOpen = 1_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly List<Attempt> _attempts = [];
    private readonly List<Task> _open = [];
    private int _ids;

    /// <summary>How many webhooks were not sent, because too many were open.</summary>
    public long HeldBack { get; private set; }

    public IReadOnlyList<Attempt> Attempts
    {
        get { lock (_lock) return [.. _attempts]; }
    }

    /// <summary>When the last 202 came.</summary>
    public DateTimeOffset LastAccepted { get; private set; }

    /// <summary>An id that was accepted not long ago; null when none was.</summary>
    public string? AnyAccepted(Random by)
    {
        lock (_lock)
        {
            var attempt = _attempts.Count == 0 ? null : _attempts[by.Next(Math.Max(0, _attempts.Count - Recent), _attempts.Count)];
            return attempt is { IsAccepted: true } ? attempt.Id : null;
        }
    }

    /// <summary>Sends until stopped, then waits for the last answers.</summary>
    public async Task RunAsync(int rate, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Tick, clock);
        var began = clock.GetTimestamp();
        var sent = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                _open.RemoveAll(task => task.IsCompleted);
                for (var due = (long)(clock.GetElapsedTime(began).TotalSeconds * rate); sent < due; sent++)
                {
                    if (_open.Count < MaxOpen) _open.Add(SendAsync(Next()));
                    else HeldBack++;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(_open);
        }
    }

    private Attempt Next()
    {
        lock (_lock)
        {
            var roll = random.NextDouble();
            var like = _attempts.Count == 0 ? null : _attempts[random.Next(Math.Max(0, _attempts.Count - Recent), _attempts.Count)];
            var (now, cents) = (clock.GetUtcNow(), random.Next(1, 1_000_000));
            var attempt = like is null || roll < New ? new Attempt($"{prefix}_{_ids++:d7}", Kind.New, cents / 100m, now)
                : roll < New + Duplicates ? new Attempt(like.Id, Kind.Duplicate, like.Amount, now)
                : new Attempt(like.Id, Kind.Conflict, like.Amount + 1, now);
            _attempts.Add(attempt);
            return attempt;
        }
    }

    /// <summary>A webhook, as JSON.</summary>
    public static string Body(string id, decimal amount) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"transaction_id":"{{id}}","source_account":"acc_user_789","destination_account":"acc_merchant_456","amount":{{amount:0.00}},"currency":"USD"}""");

    private async Task SendAsync(Attempt attempt)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(Body(attempt.Id, attempt.Amount)));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        try
        {
            using var response = await door.PostAsync(new Uri(Path, UriKind.Relative), content);
            var text = await response.Content.ReadAsStringAsync();
            var saysDuplicate = text.Contains("\"duplicate\":true", StringComparison.Ordinal);
            attempt.Answered((int)response.StatusCode, saysDuplicate, response.Headers.RetryAfter is not null, clock.GetUtcNow());
            if (attempt.IsAccepted) LastAccepted = attempt.AnsweredAt;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            attempt.Unanswered(clock.GetUtcNow());
        }
    }
}
