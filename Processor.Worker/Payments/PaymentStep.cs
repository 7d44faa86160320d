using Data.Payments;

namespace Processor.Worker.Payments;

/// <summary>What comes next for a payment.</summary>
internal abstract record PaymentStep
{
    private PaymentStep()
    {
    }

    /// <summary>It is settled.</summary>
    internal sealed record Settle(BankResult Result) : PaymentStep;

    /// <summary>It is looked at again after a while, or when the bank calls back.</summary>
    /// <param name="For">How long.</param>
    /// <param name="Attempts">The row's new count.</param>
    /// <param name="IsUnanswered">Whether the bank must be asked then.</param>
    /// <param name="BankReference">What the bank calls it; null when it has not said.</param>
    /// <param name="Reason">Why, when something went wrong.</param>
    internal sealed record Wait(TimeSpan For, int Attempts, bool IsUnanswered, string? BankReference, string? Reason) : PaymentStep;

    /// <summary>It is failed, since the bank certainly does not have it and does not take it.</summary>
    internal sealed record GiveUp(string Reason) : PaymentStep;

    /// <summary>
    /// Decides. A payment is failed without the bank's word only when it is certain that the bank does not have it; while that is not known, the
    /// bank is asked, for as long as it takes: to guess would be to lose somebody's money or to give it away.
    /// </summary>
    /// <param name="payment">As it was taken up.</param>
    /// <param name="answer">What the bank said last.</param>
    /// <param name="options">Waits and limits.</param>
    /// <param name="random">For the jitter: retries of payments that failed together spread over the whole wait.</param>
    public static PaymentStep After(ClaimedPayment payment, BankAnswer answer, PaymentOptions options, Random random)
    {
        var attempts = payment.Attempts + 1;
        return answer switch
        {
            BankAnswer.Settled settled => new Settle(settled.Result),
            BankAnswer.Taken taken => new Wait(options.CallbackTimeout, payment.Attempts, IsUnanswered: true, taken.BankReference, Reason: null),
            BankAnswer.NotTaken no when attempts > options.MaxRetries => new GiveUp(no.Reason),
            BankAnswer.NotTaken no => new Wait(Jitter(attempts), attempts, IsUnanswered: false, BankReference: null, no.Reason),
            BankAnswer.Silent silent => new Wait(Jitter(attempts), attempts, IsUnanswered: true, BankReference: null, silent.Reason),
            _ => new GiveUp("the bank has never seen it"),
        };

        // 2^30 s is beyond any limit, and beyond it the power would leave what a TimeSpan holds.
        TimeSpan Jitter(int attempt)
        {
            var most = options.RetryBase * Math.Pow(2, Math.Min(attempt, 30));
            return (most < options.MaxRetryWait ? most : options.MaxRetryWait) * random.NextDouble();
        }
    }
}
