using System.Net;
using Data.Charges;
using Stripe;

namespace Processor.Worker.Charges;

/// <summary>What is known about a request after Stripe was asked.</summary>
internal abstract record StripeAnswer
{
    private StripeAnswer()
    {
    }

    /// <summary>Paid, declined, or refused. Final.</summary>
    internal sealed record Settled(StripeResult Result) : StripeAnswer;

    /// <summary>Stripe has it and does not know the outcome itself yet; a webhook tells.</summary>
    internal sealed record Processing(string StripeId) : StripeAnswer;

    /// <summary>Stripe's list does not have it: no attempt ever arrived.</summary>
    internal sealed record NeverSeen : StripeAnswer;

    /// <summary>Stripe certainly did nothing: no connection, or 429.</summary>
    internal sealed record NotAccepted(string Reason, TimeSpan? RetryAfter = null) : StripeAnswer;

    /// <summary>No answer, or one that does not tell: the money may have moved.</summary>
    internal sealed record Unknown(string Reason, TimeSpan? RetryAfter = null) : StripeAnswer;

    /// <summary>Stripe says that one Idempotency-Key came with two bodies. That is our mistake; the outcome is unknown.</summary>
    internal sealed record OurMistake(string Reason) : StripeAnswer;

    /// <summary>Our key or address is wrong, which says nothing about the request.</summary>
    internal sealed record Misconfigured(string Reason) : StripeAnswer;

    /// <summary>What a PaymentIntent says.</summary>
    public static StripeAnswer Of(PaymentIntent intent) => intent.Status switch
    {
        "succeeded" => new Settled(StripeResult.Succeeded(intent.Id)),
        "processing" => new Processing(intent.Id),
        "canceled" => new Settled(StripeResult.Failed(intent.Id, "canceled", "The payment was cancelled at Stripe.")),
        "requires_payment_method" => new Settled(Declined(intent.Id, intent.LastPaymentError)),
        "requires_action" or "requires_confirmation" => new Settled(StripeResult.Failed(
            intent.Id, ChargeFailure.AuthenticationRequired, "The card's bank wants the customer to authenticate this payment, which needs the customer.")),
        var other => new Unknown($"Stripe answered with the status {other}"),
    };

    /// <summary>What a Refund says.</summary>
    public static StripeAnswer Of(Stripe.Refund refund) => refund.Status switch
    {
        "succeeded" => new Settled(StripeResult.Succeeded(refund.Id)),
        "pending" => new Processing(refund.Id),
        "failed" or "canceled" => new Settled(StripeResult.Failed(
            refund.Id, refund.FailureReason ?? "refund_failed", $"Stripe could not refund it: {refund.FailureReason ?? "no reason given"}.")),
        var other => new Unknown($"Stripe answered with the status {other}"),
    };

    /// <summary>
    /// What an error of Stripe's means. 402 with a card_error is a decline, other errors of the request a refusal: both definite. An answer that is not
    /// Stripe's JSON (a proxy's page) and every 5xx leave the outcome open (<see href="https://docs.stripe.com/error-low-level"/>).
    /// </summary>
    public static StripeAnswer Of(StripeException exception, DateTimeOffset now)
    {
        var (error, status) = (exception.StripeError, exception.HttpStatusCode);
        var reason = $"Stripe answered HTTP {(int)status}";
        var retryAfter = RetryAfterOf(exception, now);
        return (status, error?.Type) switch
        {
            (HttpStatusCode.TooManyRequests, _) => new NotAccepted(reason, retryAfter),
            (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, _) => new Misconfigured(reason),
            (_, "idempotency_error") when status == HttpStatusCode.Conflict => new Unknown("Stripe is still at work on this request", retryAfter),
            (HttpStatusCode.Conflict, _) => new Unknown(reason, retryAfter),
            (_, "idempotency_error") => new OurMistake($"{reason}: the Idempotency-Key came with another body before"),
            (_, "card_error") => new Settled(Declined(error!.PaymentIntent?.Id, error)),
            ( >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError, "invalid_request_error") =>
                new Settled(StripeResult.Failed(error!.PaymentIntent?.Id, error.Code ?? "invalid_request", error.Message ?? "Stripe refused the request.")),
            _ => new Unknown(error?.Type is null ? $"{reason}, and not in its own form" : reason, retryAfter),
        };
    }

    private static StripeResult Declined(string? intent, StripeError? error) => StripeResult.Failed(
        intent, error?.Code ?? "card_declined", error?.Message ?? "The card was declined.", error?.DeclineCode);

    private static TimeSpan? RetryAfterOf(StripeException exception, DateTimeOffset now)
    {
        var header = exception.StripeResponse?.Headers?.RetryAfter;
        var wait = header?.Delta ?? header?.Date - now;
        return wait > TimeSpan.Zero ? wait : null;
    }
}
