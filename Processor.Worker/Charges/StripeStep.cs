using Data.Charges;
using Processor.Worker.Work;

namespace Processor.Worker.Charges;

/// <summary>What to record for a request after Stripe answered or did not.</summary>
internal abstract record StripeStep
{
    private StripeStep()
    {
    }

    /// <summary>Settle the charge or the refund with this result.</summary>
    internal sealed record Settle(StripeResult Result) : StripeStep;

    /// <summary>Make it due again later; Stripe's webhook may settle it before.</summary>
    /// <param name="Wait">How much later.</param>
    /// <param name="Tries">The row's new count.</param>
    /// <param name="IsUnanswered">Whether Stripe may have it.</param>
    /// <param name="StripeId">Stripe's object; null when it named none.</param>
    /// <param name="Reason">What went wrong; null when nothing did.</param>
    /// <param name="IsNewAttempt">Whether it is sent with a new Idempotency-Key.</param>
    internal sealed record Retry(TimeSpan Wait, int Tries, bool IsUnanswered, string? StripeId, string? Reason, bool IsNewAttempt = false) : StripeStep;

    /// <summary>
    /// Decides. A charge fails without Stripe's word only when a request was certainly not taken, again and again. While that is not known, the same request is
    /// sent again with the same key, without a limit: age alone fails nothing.
    /// </summary>
    /// <param name="request">The request as it was claimed.</param>
    /// <param name="answer">Stripe's answer.</param>
    /// <param name="options">Waits and limits.</param>
    /// <param name="random">For the jitter.</param>
    public static StripeStep After(ClaimedStripeRequest request, StripeAnswer answer, StripeOptions options, Random random)
    {
        var tries = request.Tries + 1;
        var retries = Backoff.Exponential(options.RetryBase * 2, options.MaxRetryWait, lowest: 0, highest: 1);
        return answer switch
        {
            StripeAnswer.Settled settled => new Settle(settled.Result),
            StripeAnswer.Processing processing => new Retry(options.ProcessingWait, request.Tries, IsUnanswered: true, processing.StripeId, Reason: null),
            StripeAnswer.NeverSeen => new Retry(
                TimeSpan.Zero, request.Tries, IsUnanswered: false, StripeId: null, "Stripe never had it; it is sent under a new key", IsNewAttempt: true),

            // An earlier try may have arrived: only where none can have is this the end.
            StripeAnswer.NotAccepted no when tries > options.MaxRetries && !request.IsUnanswered => new Settle(StripeResult.Failed(
                null, ChargeFailure.ProcessorUnavailable,
                $"Stripe did not take it within {options.MaxRetries} retries, and nothing was charged: {no.Reason}.")),
            StripeAnswer.NotAccepted no => Later(no.Reason, no.RetryAfter, isUnanswered: request.IsUnanswered),
            StripeAnswer.Unknown no => Later(no.Reason, no.RetryAfter, isUnanswered: true),
            StripeAnswer.OurMistake no => Slowly(no.Reason),
            StripeAnswer.Misconfigured no => Slowly(no.Reason),
            _ => throw new ArgumentException($"{answer.GetType().Name} is not known.", nameof(answer)),
        };

        Retry Later(string reason, TimeSpan? retryAfter, bool isUnanswered) =>
            new(retries.After(tries, random, retryAfter), tries, isUnanswered, request.StripeId, reason);

        Retry Slowly(string reason) => new(
            Backoff.List([options.MisconfiguredWait], lowest: 0.8, highest: 1.2).After(1, random), request.Tries, request.IsUnanswered, request.StripeId,
                reason);
    }
}
