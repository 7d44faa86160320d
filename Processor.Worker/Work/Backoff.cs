namespace Processor.Worker.Work;

/// <summary>
/// How long to wait before the next attempt: exponential or by a list, with jitter, and never shorter than what the other side's Retry-After asks for.
/// The random numbers are passed in, so a test can give its own.
/// </summary>
internal sealed class Backoff
{
    /// <summary>A longer Retry-After is cut to this: a wrong one (a date in the next century) must not park work for good.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    /// <summary>What is added to a Retry-After at most, so that those who were told the same time do not return in the same moment.</summary>
    private const double RetryAfterJitter = 0.1;

    private readonly Func<int, TimeSpan> _base;
    private readonly double _lowest, _highest;

    private Backoff(Func<int, TimeSpan> @base, double lowest, double highest) => (_base, _lowest, _highest) = (@base, lowest, highest);

    /// <summary>Twice as long after each attempt.</summary>
    /// <param name="first">The wait after the first attempt, before jitter.</param>
    /// <param name="longest">The longest wait, before jitter.</param>
    /// <param name="lowest">The wait is multiplied by a random factor from this on: 0 and 1 are full jitter, 1 and 1 none.</param>
    /// <param name="highest">The factor's upper bound.</param>
    public static Backoff Exponential(TimeSpan first, TimeSpan longest, double lowest = 1, double highest = 1) => new(
        attempt =>
        {
            // 2^30 times anything is beyond every limit in use, and beyond that the product no longer fits a TimeSpan.
            var seconds = first.TotalSeconds * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
            return seconds < longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : longest;
        },
        lowest, highest);

    /// <summary>By a list: the n-th attempt's wait is the n-th of the list; after its end, the last.</summary>
    /// <param name="waits">At least one.</param>
    /// <param name="lowest">As for <see cref="Exponential"/>.</param>
    /// <param name="highest">As for <see cref="Exponential"/>.</param>
    public static Backoff List(IReadOnlyList<TimeSpan> waits, double lowest = 1, double highest = 1) =>
        new(attempt => waits[Math.Clamp(attempt - 1, 0, waits.Count - 1)], lowest, highest);

    /// <summary>The wait after an attempt.</summary>
    /// <param name="attempt">How many attempts have failed, from 1 on.</param>
    /// <param name="random">For the jitter.</param>
    /// <param name="retryAfter">What the other side asked for; null for nothing.</param>
    public TimeSpan After(int attempt, Random random, TimeSpan? retryAfter = null)
    {
        var wait = _base(attempt) * (_lowest + (_highest - _lowest) * random.NextDouble());
        if (retryAfter is not { } asked) return wait;
        var atLeast = (asked < LongestRetryAfter ? asked : LongestRetryAfter) * (1 + RetryAfterJitter * random.NextDouble());
        return wait > atLeast ? wait : atLeast;
    }
}
