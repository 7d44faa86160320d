using Data.Payments;
using Processor.Worker.Work;

namespace Processor.Worker.Payments;

/// <summary>What to record for a payment after the bank answered or did not.</summary>
internal abstract record PaymentStep
{
    private PaymentStep()
    {
    }

    /// <summary>Settle it with the bank's result.</summary>
    internal sealed record Settle(BankResult Result) : PaymentStep;

    /// <summary>Make it due again later; the bank's callback may settle it before.</summary>
    /// <param name="Wait">How much later.</param>
    /// <param name="Attempts">The row's new count.</param>
    /// <param name="IsUnanswered">Whether the bank must then be asked before it is called.</param>
    /// <param name="BankReference">The bank's own reference; null when it gave none.</param>
    /// <param name="Reason">What went wrong; null when nothing did.</param>
    internal sealed record Retry(TimeSpan Wait, int Attempts, bool IsUnanswered, string? BankReference, string? Reason) : PaymentStep;

    /// <summary>Fail it: the bank certainly does not have it, and did not accept it within its retries.</summary>
    internal sealed record GiveUp(string Reason) : PaymentStep;

    /// <summary>
    /// Decides. A payment is failed without the bank's word only when a call was certainly not accepted. While that is not known the bank is asked again,
    /// without a limit: a guess would lose somebody's money or give it away. That the bank does not know the payment is no reason either: a wrong address
    /// answers 404 too, so the payment is called again.
    /// </summary>
    /// <param name="payment">The payment as it was claimed.</param>
    /// <param name="answer">The bank's last answer; not <see cref="BankAnswer.NeverSeen"/>, after which the bank is called.</param>
    /// <param name="options">Waits and limits.</param>
    /// <param name="random">For the jitter, which spreads the retries of payments that failed together.</param>
    public static PaymentStep After(ClaimedPayment payment, BankAnswer answer, PaymentOptions options, Random random)
    {
        var attempts = payment.Attempts + 1;
        return answer switch
        {
            BankAnswer.Settled settled => new Settle(settled.Result),
            BankAnswer.Accepted accepted => new Retry(options.CallbackTimeout, payment.Attempts, IsUnanswered: true, accepted.BankReference, Reason: null),
            BankAnswer.NotAccepted no when attempts > options.MaxRetries => new GiveUp(no.Reason),
            BankAnswer.NotAccepted no =>
                new Retry(Retries(options).After(attempts, random, no.RetryAfter), attempts, IsUnanswered: false, BankReference: null, no.Reason),
            BankAnswer.Unknown no =>
                new Retry(Retries(options).After(attempts, random, no.RetryAfter), attempts, IsUnanswered: true, BankReference: null, no.Reason),
            BankAnswer.Misconfigured no =>
                new Retry(
                    Backoff.List([options.MisconfiguredWait], lowest: 0.8, highest: 1.2).After(1, random, no.RetryAfter),
                    payment.Attempts, IsUnanswered: true, BankReference: null, no.Reason),
            _ => throw new ArgumentException($"{answer.GetType().Name} is no answer to a call.", nameof(answer)),
        };
    }

    /// <summary>Full jitter: the n-th retry comes after up to 2^n times the base.</summary>
    private static Backoff Retries(PaymentOptions options) => Backoff.Exponential(options.RetryBase * 2, options.MaxRetryWait, lowest: 0, highest: 1);
}
