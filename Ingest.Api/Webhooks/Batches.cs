using Data.Webhooks;

namespace Ingest.Api.Webhooks;

/// <summary>What batches did.</summary>
/// <param name="Count">How many rows they changed.</param>
/// <param name="HasMore">True: the time was over before they reached the end.</param>
internal sealed record BatchesDone(long Count, bool HasMore);

/// <summary>
/// Changes many deliveries by statements that look at <see cref="MaxRows"/> rows each and commit by themselves: nobody waits for a lock for long, and a break
/// leaves whole batches. What is repeated goes on where the first one ended.
/// </summary>
internal static class Batches
{
    /// <summary>10-50 ms of work.</summary>
    public const int MaxRows = 1_000;

    /// <summary>
    /// What a delivery is set to that is sent, or sent again, now: its schedule begins anew, and a worker that has just claimed it can write no more.
    /// </summary>
    public const string SendAgain =
        $"status = '{DeliveryStatus.Pending}', tries = 0, next_attempt_at = now(), claimed_until = NULL, processed_at = NULL, claim = claim + 1";

    /// <summary>Whether a pending delivery waits, so that it can be sent now instead; not one that a worker has in hand, which would be sent twice.</summary>
    public const string Waits = "next_attempt_at > now() AND coalesce(claimed_until <= now(), true)";

    /// <summary>
    /// How long a request with an Idempotency-Key may go on: its own transaction is idle meanwhile, and with the last batch's time-out (4 s) it stays below the
    /// 10 s after which PostgreSQL ends that. 90,000 deliveries are sent again in this time.
    /// </summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(5);

    /// <summary>Runs batches until one has looked at fewer rows than it may, or the time is over.</summary>
    /// <param name="batch">Runs one; returns how many rows it changed and how many it looked at.</param>
    /// <param name="maxDuration">After that no other batch is begun.</param>
    /// <param name="clock">Measures the time.</param>
    public static async Task<BatchesDone> RunAsync(Func<Task<(long Changed, long Seen)>> batch, TimeSpan maxDuration, TimeProvider clock)
    {
        var (began, count) = (clock.GetTimestamp(), 0L);
        while (clock.GetElapsedTime(began) < maxDuration)
        {
            var (changed, seen) = await batch();
            count += changed;
            if (seen < MaxRows) return new(count, HasMore: false);
        }

        return new(count, HasMore: true);
    }
}
