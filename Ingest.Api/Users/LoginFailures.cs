using System.Globalization;
using System.Net;
using ServiceDefaults.Problems;

namespace Ingest.Api.Users;

/// <summary>Counts logins that failed, by address and by e-mail, in this process; stands in until ServiceDefaults/RateLimits has the one by Redis.</summary>
internal sealed class LoginFailures(TimeProvider clock)
{
    private const int Limit = 5;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<DateTimeOffset>> _failures = new(StringComparer.Ordinal);

    /// <summary>The refusal, 429, when this address or this e-mail has failed too often; null when it may try.</summary>
    public Task<Problem?> CheckAsync(HttpContext context, string email) => Task.FromResult(Count(context, email, take: false));

    /// <summary>Counts a failure. The refusal when there were too many already, otherwise null: say that the credential is wrong.</summary>
    public Task<Problem?> RecordAsync(HttpContext context, string email) => Task.FromResult(Count(context, email, take: true));

    private Problem? Count(HttpContext context, string email, bool take)
    {
        var now = clock.GetUtcNow();
        string[] keys = [$"address {AddressOf(context)}", $"email {email.ToLowerInvariant()}"];
        lock (_gate)
        {
            foreach (var old in _failures.Where(entry => entry.Value.Last() <= now - Window).Select(entry => entry.Key).ToArray()) _failures.Remove(old);
            foreach (var times in keys.Where(_failures.ContainsKey).Select(key => _failures[key]))
            {
                while (times.Peek() <= now - Window) times.Dequeue();
                if (times.Count >= Limit) return Refuse(context, times.Peek() + Window, now);
            }

            if (!take) return null;
            foreach (var key in keys)
            {
                if (!_failures.TryGetValue(key, out var times)) _failures[key] = times = new(Limit);
                times.Enqueue(now);
            }

            return null;
        }
    }

    private static Problem Refuse(HttpContext context, DateTimeOffset free, DateTimeOffset now)
    {
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = Limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = "0";
        headers["X-RateLimit-Reset"] = (free.ToUnixTimeSeconds() + 1).ToString(CultureInfo.InvariantCulture);
        return new(StatusCodes.Status429TooManyRequests, "rate_limited",
            "Too many logins have failed from here or for this e-mail; try again after the seconds that Retry-After says.")
        { RetryAfter = Math.Max(1, (int)Math.Ceiling((free - now).TotalSeconds)) };
    }

    // What the proxy nearest to us saw stands last; the front door sets it, whatever the caller sent.
    private static string AddressOf(HttpContext context) => context.Request.Headers["X-Forwarded-For"].ToString().Split(',')[^1].Trim() is { Length: > 0 } claimed
        && IPAddress.TryParse(claimed, out var address) ? address.ToString() : $"{context.Connection.RemoteIpAddress}";
}
