using System.Collections.Concurrent;
using System.Text;

namespace Faults.Load;

/// <summary>What a request was answered in the end.</summary>
internal sealed record Answer(int Status, string Body);

/// <summary>A request that was sent once, perhaps again; status 0: no answer.</summary>
internal sealed record Sent(DateTimeOffset At, int Status);

/// <summary>Sends a request with its Idempotency-Key until it is answered, as a client should.</summary>
/// <param name="door">Where to.</param>
/// <param name="clock">The clock.</param>
internal sealed class RepeatingClient(HttpClient door, TimeProvider clock)
{
    private static readonly TimeSpan BeforeRetry = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentQueue<Sent> _sent = new();
    private readonly ConcurrentQueue<string> _problems = new();
    private int _repeated;

    /// <summary>Every sending, in the order of the answers.</summary>
    public IReadOnlyCollection<Sent> All => _sent;

    /// <summary>Answers that break a promise.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>How many were sent again, for want of an answer.</summary>
    public int Repeated => _repeated;

    /// <summary>When the last answer came.</summary>
    public DateTimeOffset LastAnswered { get; private set; }

    /// <summary>
    /// The first answer that is one. While there is none, and after a 503, or a 409 that says that the first one is at work, it is sent again.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="body">JSON.</param>
    /// <param name="key">The Idempotency-Key.</param>
    /// <param name="apiKey">Whose; null for nobody's.</param>
    /// <param name="isAnswer">Whether that is an answer.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<Answer> SendAsync(string path, string body, string key, string? apiKey, Func<Answer, bool> isAnswer, CancellationToken stop)
    {
        while (true)
        {
            if (await TryAsync(path, body, key, apiKey, stop) is { } answer)
            {
                if (isAnswer(answer))
                {
                    LastAnswered = clock.GetUtcNow();
                    return answer;
                }

                var what = $"{path} {body} with {key} was answered {answer.Status}: {answer.Body}";
                if (answer.Status is >= 500 and not 503) _problems.Enqueue(what);
                else if (answer.Status != 503 && !answer.Body.Contains("idempotency_key_in_use", StringComparison.Ordinal))
                    throw new InvalidOperationException(what); // The same again would be answered the same.
            }

            Interlocked.Increment(ref _repeated);
            await Task.Delay(BeforeRetry, clock, stop);
        }
    }

    private async Task<Answer?> TryAsync(string path, string body, string key, string? apiKey, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", key);
            if (apiKey is not null) request.Headers.Add("X-API-Key", apiKey);
            using var response = await door.SendAsync(request, stop);
            var answer = new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(stop));
            _sent.Enqueue(new(clock.GetUtcNow(), answer.Status));
            if (answer.Status == 503 && response.Headers.RetryAfter is null) _problems.Enqueue($"{path} with {key} was answered 503 without Retry-After");
            return answer;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException && !stop.IsCancellationRequested)
        {
            // Something is away; the same key is safe to send again.
            _sent.Enqueue(new(clock.GetUtcNow(), 0));
            return null;
        }
    }
}
