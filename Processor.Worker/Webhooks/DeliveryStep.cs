using Data.Webhooks;
using Processor.Worker.Work;
using ServiceDefaults.Outbound;

namespace Processor.Worker.Webhooks;

/// <summary>What follows an attempt.</summary>
/// <param name="Status">The delivery's status now, one of <see cref="DeliveryStatus"/>.</param>
/// <param name="Wait">How long it waits for the next attempt; zero when there is none.</param>
/// <param name="Error">Why the attempt failed, one sentence; null when it did not.</param>
/// <param name="Disables">Why the endpoint is disabled, one of <see cref="DisabledReason"/>; null when it is not.</param>
internal sealed record DeliveryStep(string Status, TimeSpan Wait, string? Error, string? Disables)
{
    /// <summary>Decides it.</summary>
    /// <param name="delivery">The delivery as it was claimed.</param>
    /// <param name="result">What became of sending it.</param>
    /// <param name="options">The schedule.</param>
    /// <param name="random">For the jitter, which only adds.</param>
    public static DeliveryStep After(ClaimedDelivery delivery, SendResult result, WebhookOptions options, Random random)
    {
        var disables = WhyDisabled(delivery, result);
        if (result.IsDelivered) return new(DeliveryStatus.Delivered, TimeSpan.Zero, null, disables);
        var error = ErrorOf(result);
        var tries = delivery.Tries + 1;
        if (disables is not null || tries > options.Waits.Count) return new(DeliveryStatus.Failed, TimeSpan.Zero, error, disables);

        // Only these two statuses mean "later" (RFC 6585, RFC 9110); elsewhere Retry-After is about something else.
        var asked = result.Status is 429 or 503 ? result.RetryAfter : null;
        var wait = Backoff.List(options.Waits, 1, 1 + options.RetryJitter).After(tries, random, asked);
        return new(DeliveryStatus.Pending, wait, error, null);
    }

    private static string? WhyDisabled(ClaimedDelivery delivery, SendResult result) =>
        string.Equals(result.WebhookDelivery, "disable", StringComparison.OrdinalIgnoreCase) ? DisabledReason.Receiver
        : result.Status == 410 ? DisabledReason.Gone
        : !result.IsDelivered && delivery.Endpoint.IsToBeDisabled ? DisabledReason.Failing
        : null;

    private static string ErrorOf(SendResult result) =>
        result.Failure is { } failure ? failure.Words
        : result.Status is >= 300 and < 400 ? $"HTTP {result.Status}: redirects are not followed; give the endpoint the URL that it leads to"
        : $"HTTP {result.Status}";
}
