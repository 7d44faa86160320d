using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Problems;

namespace ServiceDefaults.RateLimits;

/// <summary>The outcome of a request's limits, and the tightest of them, which the caller is told.</summary>
internal sealed record RateLimitDecision(bool IsAdmitted, int Limit, int Remaining, DateTimeOffset Reset, TimeSpan Wait)
{
    private const string Told = "AspireWebhooks.RateLimits.Decision";

    /// <summary>Seconds, at least 1; rounded up, so that a request after this time is admitted.</summary>
    private int RetryAfter => Math.Max(1, (int)Math.Ceiling(Wait.TotalSeconds));

    /// <summary>Of the windows that refused, the one that refuses longest; if all admitted, the one with the fewest requests left.</summary>
    public static RateLimitDecision Of(Counted counted, DateTimeOffset now)
    {
        var tightest = counted.IsAdmitted
            ? counted.Windows.OrderBy(window => window.Remaining).ThenByDescending(window => window.UntilFree).First()
            : counted.Windows.Where(window => window.Remaining == 0).MaxBy(window => window.UntilFree);
        return new(counted.IsAdmitted, tightest.Limit, tightest.Remaining, now + tightest.UntilFree, tightest.UntilFree);
    }

    /// <summary>
    /// Sets the headers when the response starts, because an error before that clears what was set. A later decision on the same request replaces
    /// an earlier one.
    /// </summary>
    public void TellIn(HttpContext context)
    {
        var isFirst = !context.Items.ContainsKey(Told);
        context.Items[Told] = this;
        if (isFirst) context.Response.OnStarting(Write, context);
    }

    /// <summary>The 429 for a refused request.</summary>
    public Problem ToProblem() => new(StatusCodes.Status429TooManyRequests, "rate_limited",
        $"The limit of {Limit.ToString(CultureInfo.InvariantCulture)} requests is reached; the next one is accepted in {RetryAfter} s.")
    { RetryAfter = RetryAfter };

    private static Task Write(object state)
    {
        var context = (HttpContext)state;
        var decision = (RateLimitDecision)context.Items[Told]!;
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = decision.Limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = decision.Remaining.ToString(CultureInfo.InvariantCulture);

        // Rounded up, like Retry-After.
        headers["X-RateLimit-Reset"] = ((decision.Reset.ToUnixTimeMilliseconds() + 999) / 1000).ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }
}
