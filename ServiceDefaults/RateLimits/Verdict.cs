using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServiceDefaults.Problems;

namespace ServiceDefaults.RateLimits;

/// <summary>What the caller is told: of several limits the tightest.</summary>
internal sealed record Verdict(bool IsAdmitted, int Limit, int Remaining, DateTimeOffset Reset, TimeSpan Wait)
{
    private const string Told = "AspireWebhooks.RateLimits.Verdict";

    /// <summary>Seconds, at least 1: rounded up, so that who waits so long does find a place.</summary>
    private int RetryAfter => Math.Max(1, (int)Math.Ceiling(Wait.TotalSeconds));

    /// <summary>Of those that refused, the one that refuses longest; of those that let through, the one with the fewest places left.</summary>
    public static Verdict Of(Counted counted, DateTimeOffset now)
    {
        var tightest = counted.IsAdmitted
            ? counted.Windows.OrderBy(window => window.Remaining).ThenByDescending(window => window.UntilFree).First()
            : counted.Windows.Where(window => window.Remaining == 0).MaxBy(window => window.UntilFree);
        return new(counted.IsAdmitted, tightest.Limit, tightest.Remaining, now + tightest.UntilFree, tightest.UntilFree);
    }

    /// <summary>
    /// Writes the headers when the answer begins, whatever it is by then: an error half-way takes back what was set before. A later verdict
    /// on the same request takes the place of an earlier one.
    /// </summary>
    public void TellIn(HttpContext context)
    {
        var isFirst = !context.Items.ContainsKey(Told);
        context.Items[Told] = this;
        if (isFirst) context.Response.OnStarting(Write, context);
    }

    /// <summary>The 429 of a request that was refused.</summary>
    public Problem ToProblem() => new(StatusCodes.Status429TooManyRequests, "rate_limited",
        $"More than {Limit.ToString(CultureInfo.InvariantCulture)} requests came in the time they may take; the next is taken in {RetryAfter} s.")
    { RetryAfter = RetryAfter };

    private static Task Write(object state)
    {
        var context = (HttpContext)state;
        var verdict = (Verdict)context.Items[Told]!;
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = verdict.Limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = verdict.Remaining.ToString(CultureInfo.InvariantCulture);

        // Rounded up as Retry-After is.
        headers["X-RateLimit-Reset"] = ((verdict.Reset.ToUnixTimeMilliseconds() + 999) / 1000).ToString(CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }
}
